import ELF
import Testing

@Suite("File kinds")
struct FileKindTests {
    @Test(
        "a file is recognised by the bytes it begins with",
        arguments: [
            ([], .empty, "empty"),
            ([0x7F, 0x45, 0x4C, 0x46, 2, 1], .elf, "an ELF file"),
            ([0xCF, 0xFA, 0xED, 0xFE, 7, 0, 0, 1], .machO, "a macOS program (Mach-O)"),
            ([0xFE, 0xED, 0xFA, 0xCE, 0, 0, 0, 18], .machO, "a macOS program (Mach-O)"),
            ([0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 2], .machO, "a macOS program (Mach-O)"),
            ([0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61], .classFile, "a Java class"),
            ([0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0], .webAssembly, "a WebAssembly module"),
            (Array("!<arch>\n__.PKGDEF       0".utf8), .staticLibrary, "a static library (ar archive)"),
            (Array("!<thin>\n//      ".utf8), .staticLibrary, "a static library (ar archive)"),
            (Array("!<arch>\ndebian-binary   0".utf8), .debianPackage, "a Debian package"),
            ([0x1F, 0x8B, 8, 0], .gzip, "compressed with gzip"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0], .xz, "compressed with xz"),
            ([0x28, 0xB5, 0x2F, 0xFD, 4], .zstd, "compressed with zstd"),
            ([0x50, 0x4B, 0x05, 0x06, 0, 0], .zip, "a zip archive"),
            (Array("name: value\n\u{1B}[1m größer\t".utf8), .text, "text"),
            ([0x00, 0x01, 0x02, 0x03], .unknown, "of an unknown kind"),
            (Array("MZ is how this text begins, and it is longer than a DOS header is\n".utf8), .text, "text"),
        ] as [([UInt8], FileKind, String)]
    )
    func recognised(start: [UInt8], kind: FileKind, description: String) {
        #expect(FileKind(start) == kind)
        #expect(FileKind(start).description == description)
    }

    @Test("a Windows program is known by the second header its first one points at", arguments: [0x40, 0x80, 0xF8])
    func portableExecutable(offset: Int) {
        var file = [UInt8](repeating: 0, count: 512)
        file.replaceSubrange(0..<2, with: "MZ".utf8)
        file[60] = UInt8(offset)
        #expect(FileKind(file) == .unknown)
        file.replaceSubrange(offset..<offset + 4, with: [0x50, 0x45, 0, 0])
        #expect(FileKind(file) == .portableExecutable)
    }

    @Test("a tar archive is known by the mark in its first header")
    func tar() {
        var file = Array("hello.txt".utf8) + [UInt8](repeating: 0, count: 503)
        file.replaceSubrange(257..<263, with: Array("ustar\0".utf8))
        #expect(FileKind(file) == .tar)
    }

    @Test(
        "a zip archive is a Java archive if its first entry is META-INF",
        arguments: [("META-INF/MANIFEST.MF", .javaArchive), ("META-INF/", .javaArchive), ("main.py", .zip)]
            as [(String, FileKind)]
    )
    func javaArchive(first: String, kind: FileKind) {
        let header: [UInt8] = [0x50, 0x4B, 3, 4] + Array(repeating: 0, count: 26)
        #expect(FileKind(header + Array(first.utf8)) == kind)
    }

    @Test("text may be cut within a character")
    func cutText() {
        let text = Array(String(repeating: "€", count: 2000).utf8)
        #expect(text[4095...4096].elementsEqual([0xE2, 0x82]))
        #expect(FileKind(Array(text.prefix(4096))) == .text)
        #expect(FileKind([0xE2, 0x82, 0x20, 0xFF]) == .unknown)
    }

    @Test("only the first 4096 bytes are looked at")
    func window() {
        #expect(FileKind([UInt8](repeating: 0x61, count: 4096) + [0, 0, 0]) == .text)
    }
}

@Suite("Shebang lines")
struct ShebangTests {
    struct Line: CustomTestStringConvertible {
        var text: String
        var interpreter: String
        var argument: String?
        var program: String
        var endsInCarriageReturn = false
        var isTooLong = false
        var description: String
        var testDescription: String { text.debugDescription }
    }

    private static let longPath = "/" + String(repeating: "a", count: 252)

    @Test(
        "the first line of a script names the program that reads it",
        arguments: [
            Line(
                text: "#!/bin/sh\necho",
                interpreter: "/bin/sh",
                program: "/bin/sh",
                description: "a shell script for /bin/sh"
            ),
            Line(
                text: "#!/bin/sh",
                interpreter: "/bin/sh",
                program: "/bin/sh",
                description: "a shell script for /bin/sh"
            ),
            Line(
                text: "#! \t/bin/bash  -eu -x \t\n",
                interpreter: "/bin/bash",
                argument: "-eu -x",
                program: "/bin/bash",
                description: "a shell script for /bin/bash"
            ),
            Line(
                text: "#!/usr/bin/env python3\n",
                interpreter: "/usr/bin/env",
                argument: "python3",
                program: "python3",
                description: "a script for python3"
            ),
            Line(
                text: "#!/usr/bin/env -S A=1 node --harmony\n",
                interpreter: "/usr/bin/env",
                argument: "-S A=1 node --harmony",
                program: "node",
                description: "a script for node"
            ),
            Line(
                text: "#!/usr/bin/env\n",
                interpreter: "/usr/bin/env",
                program: "/usr/bin/env",
                description: "a script for /usr/bin/env"
            ),
            Line(
                text: "#!/bin/sh\r\necho\r\n",
                interpreter: "/bin/sh",
                program: "/bin/sh",
                endsInCarriageReturn: true,
                description: "a shell script for /bin/sh"
            ),
            Line(
                text: "#!/usr/bin/env bash\r\n",
                interpreter: "/usr/bin/env",
                argument: "bash",
                program: "bash",
                endsInCarriageReturn: true,
                description: "a shell script for bash"
            ),
            // `#!`, 253 bytes and the line feed are the 256 bytes that Linux reads.
            Line(
                text: "#!\(longPath)\n",
                interpreter: longPath,
                program: longPath,
                description: "a script for \(longPath)"
            ),
            Line(
                text: "#!\(longPath)a\n",
                interpreter: longPath + "a",
                program: longPath + "a",
                isTooLong: true,
                description: "a script for \(longPath)a"
            ),
        ]
    )
    func firstLine(line: Line) throws {
        guard case .script(let shebang) = FileKind(Array(line.text.utf8)) else {
            Issue.record("not a script")
            return
        }
        #expect(shebang.interpreter == line.interpreter)
        #expect(shebang.argument == line.argument)
        #expect(shebang.program == line.program)
        #expect(shebang.endsInCarriageReturn == line.endsInCarriageReturn)
        #expect(shebang.isTooLong == line.isTooLong)
        #expect(shebang.description == line.description)
    }

    @Test(
        "a line that names no program makes no script",
        arguments: ["#!", "#!\n/bin/sh", "#!  \n", "#!\r\n", " #!/bin/sh"]
    )
    func noProgram(text: String) {
        #expect(FileKind(Array(text.utf8)) == .text)
    }
}
