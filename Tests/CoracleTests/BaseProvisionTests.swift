import ByteIO
@testable import Checkup
import ELF
import Layers
@testable import SourceTree
import TestSupport
import Testing

@Suite("What bases provide, by the table")
struct BaseProvisionTests {
    /// What a program of this machine's compiler asks for.
    private func requirements(_ source: String, _ flags: [String] = []) throws -> LinkRequirements {
        let scratch = try TemporaryDirectory()
        try scratch.file("main.c", source)
        try Command("gcc", ["-o", scratch("app"), scratch("main.c")] + flags).output()
        let (walk, _) = try walk(scratch.path)
        return LinkRequirements(of: walk.entries)
    }

    private let cc = BaseProvisionTests.glibc([2, 36], ["libgcc_s.so.1", "libstdc++.so.6"])
    private let bare = BaseProvisionTests.glibc([2, 36])

    private static func glibc(_ version: [Int], _ libraries: Set<String> = []) -> BaseProvision {
        BaseProvision(
            libc: .glibc,
            libraries: BaseProvision.glibcLibraries.union(libraries),
            newest: ["GLIBC": version],
            others: ["GLIBC_ABI_DT_RELR"]
        )
    }

    @Test("a C program of Debian 12 runs on its C library, and not without")
    func program() throws {
        let found = try requirements("#include <stdio.h>\nint main(void) { return puts(\"x\"); }\n")
        #expect(found.libcs == [.glibc])
        #expect(bare.problem(with: found) == nil)
        #expect(BaseProvision.nothing.problem(with: found) == "has no C library; the program is linked dynamically")
        let alpine = ThirdPartyBase.all.first { $0.reference.contains("alpine") }
        #expect(alpine?.provision.problem(with: found) == "has musl, not glibc")
    }

    @Test("version `GLIBC_2.38' not found: reported with what the base has")
    func version() throws {
        // The name of a version that only newer systems define, in a program for it.
        let found = try requirements(
            """
            int newer(void);
            int main(void) { return newer(); }
            """,
            try stub(library: "libm.so.6", version: "GLIBC_2.38")
        )
        #expect(bare.problem(with: found) == "lacks GLIBC_2.38 of libm.so.6; has up to GLIBC_2.36")
        #expect(Self.glibc([2, 41]).problem(with: found) == nil)
    }

    @Test("a library that no package of the base has is named")
    func library() throws {
        let found = try requirements("int main(void) { return 0; }\n", ["-Wl,--no-as-needed", "-lgcc_s", "-lm"])
        #expect(bare.problem(with: found) == "lacks libgcc_s.so.1")
        #expect(cc.problem(with: found) == nil)
    }

    @Test("a static program asks for nothing")
    func nothing() throws {
        let found = try requirements("int main(void) { return 0; }\n", ["-static"])
        #expect(found.isEmpty)
        #expect(BaseProvision.nothing.problem(with: found) == nil)
    }

    /// Flags that link with a library of that name, which defines `newer` in that version.
    private func stub(library: String, version: String) throws -> [String] {
        let folder = "\(Built.fixtures)/stub-\(version)"
        try Command("mkdir", ["-p", folder]).output()
        try writeFile("\(folder)/stub.c", "int newer(void) { return 0; }\n")
        try writeFile("\(folder)/stub.map", "\(version) { newer; };\n")
        try Command(
            "gcc",
            [
                "-shared", "-fPIC", "-nostdlib", "-o", "\(folder)/stub.so", "\(folder)/stub.c",
                "-Wl,-soname,\(library)",
                "-Wl,--version-script=\(folder)/stub.map",
            ]
        ).output()
        return ["\(folder)/stub.so"]
    }
}
