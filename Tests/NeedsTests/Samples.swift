import Diagnostics
import ELF
import Glibc
import Needs
import TestSupport

/// A file's bytes in memory.
struct ProgramBytes: ElfSource {
    let bytes: [UInt8]
    var size: Int64 { Int64(bytes.count) }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The smallest static program for x86-64 that has `payload` loaded.
    init(loading payload: [UInt8]) {
        var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
        func put<Number: FixedWidthInteger>(_ numbers: Number...) {
            for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        }
        put(UInt16(2), 62)
        put(UInt32(1))
        put(UInt64(0x10078), 64, 0)
        put(UInt32(0))
        put(UInt16(64), 56, 1, 64, 0, 0)
        put(UInt32(1), 5)
        put(UInt64(0), 0x10000, 0x10000, UInt64(120 + payload.count), UInt64(120 + payload.count), 0x1000)
        self.init(bytes + payload)
    }

    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset >= 0, count >= 0, offset + Int64(count) <= size else {
            throw Diagnostic(.elfTruncated, "no \(count) bytes at \(offset)")
        }
        return Array(bytes[Int(offset)..<Int(offset) + count])
    }
}

/// What a program needs, read from its file.
func needs(of path: String) throws -> ProgramNeeds {
    try needs(of: ProgramBytes(readFile(path)), named: path)
}

func needs(of source: ProgramBytes, named name: String = "app") throws -> ProgramNeeds {
    let file = try ElfFile(source, named: name)
    return try ProgramNeeds(of: file, reading: source, go: GoBuildInfo(in: file, reading: source))
}

/// Programs that are built in the tests, by the compilers of this machine.
enum Sample {
    /// A Go program whose `main` does `statement`.
    static func go(
        importing packages: [String],
        _ statement: String,
        flags: [String] = ["-trimpath", "-ldflags=-s -w"],
        environment: [String: String] = [:]
    ) throws -> String {
        let folder = try newFolder()
        let imports = packages.map { "import \($0)\n" }.joined()
        try writeFile("\(folder)/go.mod", "module example.com/sample\n\ngo 1.18\n")
        try writeFile("\(folder)/main.go", "package main\n\n\(imports)\nfunc main() {\n\t\(statement)\n}\n")
        var all = [
            "GOOS": "linux", "GOARCH": "amd64", "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off",
            "GOWORK": "off", "GOTOOLCHAIN": "local",
            "GOCACHE": Environment.current["GOCACHE"] ?? "/tmp/coracle-needs-go-cache-\(getuid())",
        ]
        all.merge(environment) { $1 }
        try Command(
            "go",
            ["build", "-buildvcs=false"] + flags + ["-o", "app", "."],
            environment: all,
            directory: folder,
            timeLimit: 300
        ).output()
        return "\(folder)/app"
    }

    static func c(_ source: String, _ flags: [String] = []) throws -> String {
        let folder = try newFolder()
        try writeFile("\(folder)/main.c", source)
        try Command("gcc", ["-O1", "-s", "-o", "app", "main.c"] + flags, directory: folder).output()
        return "\(folder)/app"
    }

    /// A Rust program; its sources are said to have been in `sources`.
    static func rust(_ source: String, sources: String = "/src", library: String = "") throws -> String {
        let folder = try newFolder()
        try Command("mkdir", ["\(folder)/dep"]).output()
        try writeFile("\(folder)/dep/lib.rs", library)
        try writeFile("\(folder)/main.rs", source)
        let remap = "--remap-path-prefix=\(folder)/dep=\(sources)"
        if !library.isEmpty {
            try Command(
                "rustc",
                ["-O", "--edition=2021", "--crate-type=rlib", "--crate-name=dep", remap, "\(folder)/dep/lib.rs"],
                directory: folder,
                timeLimit: 120
            ).output()
        }
        let link = library.isEmpty ? [] : ["--extern", "dep=libdep.rlib"]
        try Command(
            "rustc",
            ["-O", "--edition=2021", "-C", "strip=symbols", "-o", "app", "main.rs"] + link,
            directory: folder,
            timeLimit: 120
        ).output()
        return "\(folder)/app"
    }

    private static func newFolder() throws -> String {
        let above = "\(Built.fixtures)/needs"
        try Command("mkdir", ["-p", above]).output()
        let made = try Command("mktemp", ["-d", "\(above)/XXXXXX"]).output()
        return String(made.prefix { $0 != "\n" })
    }
}

extension ProgramNeeds {
    /// The needs with these words, sorted.
    func all(_ words: String...) -> [String] {
        Need.allCases.filter { words.contains(self[$0].word) }.map(\.rawValue)
    }
}
