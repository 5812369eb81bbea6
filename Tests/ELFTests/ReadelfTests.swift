import Diagnostics
import ELF
import Glibc
import TestSupport
import Testing

/// Every ELF file of real packages, of six architectures: binutils' readelf is the judge.
@Suite("What readelf says")
struct ReadelfTests {
    /// In the installed system: programs, libraries and plug-ins of many kinds.
    private static let installed = [
        "bash", "binutils-x86-64-linux-gnu", "coreutils", "curl", "dash", "dpkg", "e2fsprogs", "findutils", "gcc-12",
        "git", "gnupg", "gpgv", "grep", "gzip", "jq", "libacl1", "libc-bin", "libc6", "libcurl4", "libexpat1",
        "libgcc-s1", "libglib2.0-0", "libgnutls30", "libkrb5-3", "libperl5.36", "libpython3.11-stdlib", "libsqlite3-0",
        "libssl3", "libstdc++6", "libsystemd0", "make", "mount", "openssl", "passwd", "perl-base", "podman",
        "procps", "python3.11-minimal", "runc", "skopeo", "tar", "util-linux", "xz-utils", "zlib1g",
    ]
    private static let fetched = [
        "bash", "coreutils", "dash", "libc6", "libgcc-s1", "libssl3t64", "libstdc++6", "zlib1g",
    ]

    @Test("readelf and coracle agree about the files of a few dozen installed packages")
    func amd64() throws {
        #expect(try compare(Self.installed) > 400)
    }

    @Test(
        "of packages of Debian 13 for other processors, too",
        arguments: ["arm64", "armhf", "s390x", "ppc64el", "riscv64"]
    )
    func foreign(architecture: String) throws {
        let folder = "\(Built.folder)/coracle-packages"
        let fetch = "\(FixtureProgram.sources)/fetch_packages.sh"
        try Command(fetch, [folder, architecture] + Self.fetched, timeLimit: 120).output()
        #expect(try compare(["--below", "\(folder)/\(architecture)/files"]) > 100)
    }

    @Test("of files that are linked without protections, too")
    func unprotected() throws {
        let place = try TemporaryDirectory()
        try place.file("x.c", "int x; int *y(void) { return &x; } int main(void) { return *y(); }\n")
        for (name, options) in [
            ("usual", ""), ("stack", "-Wl,-z,execstack"), ("relocations", "-Wl,-z,norelro"),
            ("code", "-nostdlib -static -Wl,-N,-e,main"),
            ("text.so", "-shared -fno-pic -mcmodel=large -Wl,-z,notext"),
        ] {
            try Command.shell("gcc -w -o \(name) \(options) x.c", directory: place.path).output()
        }
        #expect(try compare(["--below", place.path]) == 5)
        let found = try ["code", "relocations", "stack", "text.so", "usual"].map { name in
            try Self.line(of: place(name)).split(separator: "\t", omittingEmptySubsequences: false).last ?? ""
        }
        #expect(found == ["code", "relocations", "stack", "text", ""])
    }

    /// - Returns: how many files were compared.
    private func compare(_ arguments: [String]) throws -> Int {
        let script = "\(FixtureProgram.sources)/readelf_facts.py"
        let lines = try Command("python3", [script] + arguments, timeLimit: 120).output().split(separator: "\n")
        for line in lines {
            let path = String(line.prefix { $0 != "\t" })
            let own = try Self.line(of: path)
            #expect(own == String(line))
        }
        return lines.count
    }

    /// What our own reader says, in the script's form.
    private static func line(of path: String) throws -> String {
        guard case .elf(let elf)? = try FileFacts(FileBytes(path), named: path) else { return "\(path)\tno ELF file" }
        let bits = elf.format.elfClass == .bits64 ? 64 : 32
        let needs = elf.versionNeeds.flatMap { need in
            need.versions.map { "\(need.library):\($0.name)" + ($0.isWeak ? "?" : "") }
        }
        let weaknesses: [(Weaknesses, String)] = [
            (.executableStack, "stack"), (.writableCode, "code"), (.writableRelocations, "relocations"),
            (.textRelocations, "text"),
        ]
        return [
            path, "\(name(of: elf.machine)) \(bits) \(elf.format.byteOrder)", elf.interpreter ?? "", elf.soname ?? "",
            elf.needed.joined(separator: ","), [elf.rpath, elf.runpath].compactMap(\.self).joined(separator: ","),
            needs.joined(separator: ","), elf.versionDefinitions.joined(separator: ","),
            weaknesses.filter { elf.weaknesses.contains($0.0) }.map(\.1).joined(separator: ","),
        ].joined(separator: "\t")
    }

    /// As readelf calls it.
    private static func name(of machine: Machine) -> String {
        switch machine {
        case .x86_64: "Advanced Micro Devices X86-64"
        case .i386: "Intel 80386"
        case .aarch64: "AArch64"
        case .arm: "ARM"
        case .s390: "IBM S/390"
        case .ppc64: "PowerPC64"
        case .riscv: "RISC-V"
        default: "\(machine)"
        }
    }
}
