import Diagnostics
import ELF
import Findings
import Hygiene
import Needs

/// Which protections the image's own programs and libraries lack. No build is refused for them.
enum ProtectionCheck {
    private static let descriptions: [(Weaknesses, String)] = [
        (.executableStack, "its stack may be executed"), (.writableCode, "some of its code may be written"),
        (.textRelocations, "the loader writes into its code"),
        (.writableRelocations, "what the loader fills in stays writable (no RELRO)"),
    ]

    static func findings(in entry: RootEntry, _ elf: ElfFacts, of root: some ImageRoot) throws(Diagnostic) -> [Finding]
    {
        let found = descriptions.filter { elf.weaknesses.contains($0.0) }.map(\.1)
        guard !found.isEmpty else { return [] }
        let isLibrary = if case .sharedLibrary = elf.linkage { true } else { false }
        let refusal = "; `dlopen` of glibc 2.41 and newer refuses a library with such a stack"
        return [
            Finding(
                .unprotected,
                "`\(entry.path)` lacks protections that linkers provide",
                in: entry.path,
                because: found.joined(separator: ", ")
                    + (isLibrary && elf.weaknesses.contains(.executableStack) ? refusal : ""),
                hint: try hint(entry, root)
            )
        ]
    }

    private static func hint(_ entry: RootEntry, _ root: some ImageRoot) throws(Diagnostic) -> String {
        if ApplicationScan.isDependency(entry.path) {
            return "a newer release of the package may have been linked with them"
        }
        if case .go? = try root.needs(of: entry)?.maker {
            return "build with `go build -buildmode=pie`, and if it uses C, with `-ldflags='-linkmode=external "
                + "\"-extldflags=-Wl,-z,relro,-z,now\"'`"
        }
        return "compile with `-fPIC`, and link with `-Wl,-z,noexecstack,-z,relro,-z,now`"
    }
}
