import ELF
import Glibc

/// Real programs, built once in a run by the compilers of this machine.
enum Fixtures {
    /// What gcc is asked for, and the file it makes of it.
    enum C: String, CaseIterable {
        case dynamic, dynamicFixed, staticFixed, staticPIE, library, libraryWithoutName, object, core

        fileprivate var arguments: [String] {
            switch self {
            case .dynamic: ["-pie", "program.c", "-Wl,-rpath,$ORIGIN/../lib:/opt/lib", "-lm"]
            case .dynamicFixed: ["-no-pie", "program.c", "-Wl,-rpath,/opt/old", "-Wl,--disable-new-dtags", "-lm"]
            case .staticFixed: ["-static", "-nostdlib", "bare.c"]
            case .staticPIE: ["-static-pie", "program.c", "-lm"]
            case .library:
                ["-shared", "-fPIC", "library.c", "-Wl,-soname,libsample.so.1", "-Wl,--version-script=library.map"]
            case .libraryWithoutName: ["-shared", "-fPIC", "library.c"]
            case .object: ["-c", "program.c"]
            // Not a dump: an object with the type of one, which is all that is looked at.
            case .core: ["-c", "program.c"]
            }
        }
    }

    /// How Go is asked to build; a program for `linux/amd64` unless said otherwise.
    struct Go: Hashable {
        var architecture = "amd64"
        var environment: [String: String] = [:]
        var flags: [String] = ["-ldflags=-s -w"]
    }

    static func path(of kind: C) throws -> String { try cPrograms.get() + "/\(kind.rawValue)" }

    static func source(of kind: C) throws -> FileBytes { try FileBytes(path(of: kind)) }

    /// Builds the program `example.com/hello` in a git repository, with a dependency that `go.mod` replaces.
    static func source(of go: Go) throws -> FileBytes {
        let directory = try goModule.get()
        var environment = goEnvironment.merging(["GOARCH": go.architecture]) { $1 }
        environment.merge(go.environment) { $1 }
        let path = try TemporaryFolder.newFile()
        defer { unlink(path) }
        try Tool(name: "go").run(["build", "-o", path] + go.flags + ["."], in: directory, with: environment)
        return try FileBytes(path)
    }

    /// The commit that the Go program is built from.
    static func goRevision() throws -> String {
        try Tool(name: "git").run(["rev-parse", "HEAD"], in: goModule.get(), with: gitEnvironment)
            .split(separator: "\n").first.map(String.init) ?? ""
    }

    static let commitTime = "2024-05-06T07:08:09Z"

    private static let cPrograms = Result<String, any Error>(catching: {
        let directory = try TemporaryFolder.path.get() + "/c"
        mkdir(directory, 0o755)
        try write(
            "#include <math.h>\nint main(int n, char **v) { return (int)cos(n + 0.5); }\n",
            to: "\(directory)/program.c"
        )
        try write("void _start(void) { for (;;) {} }\nint data = 1;\n", to: "\(directory)/bare.c")
        try write("int first(void) { return 1; }\nint second(void) { return 2; }\n", to: "\(directory)/library.c")
        try write("SAMPLE_1 { first; };\nSAMPLE_2 { second; } SAMPLE_1;\n", to: "\(directory)/library.map")
        for kind in C.allCases {
            try Tool(name: "gcc").run(kind.arguments + ["-o", kind.rawValue], in: directory)
        }
        var dump = try FileBytes("\(directory)/\(C.core.rawValue)").all()
        dump[16] = 4
        try write(dump, to: "\(directory)/\(C.core.rawValue)")
        return directory
    })

    private static let goModule = Result<String, any Error>(catching: {
        let directory = try TemporaryFolder.path.get() + "/go"
        for folder in ["", "/dep"] { mkdir(directory + folder, 0o755) }
        try write(
            "module example.com/hello\n\ngo 1.18\n\nrequire example.com/dep v1.2.3\n\nreplace example.com/dep => ./dep\n",
            to: "\(directory)/go.mod"
        )
        try write(
            "package main\n\nimport \"example.com/dep\"\n\nfunc main() { println(dep.Text) }\n",
            to: "\(directory)/main.go"
        )
        try write("module example.com/dep\n\ngo 1.18\n", to: "\(directory)/dep/go.mod")
        try write("package dep\n\nconst Text = \"hello\"\n", to: "\(directory)/dep/dep.go")
        for arguments in [["init", "-q"], ["add", "."], ["commit", "-q", "-m", "hello"]] {
            try Tool(name: "git").run(arguments, in: directory, with: gitEnvironment)
        }
        return directory
    })

    private static let gitEnvironment = [
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_AUTHOR_DATE": commitTime,
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_COMMITTER_DATE": commitTime,
    ]

    /// The cache outlives the run: Go's runtime is compiled once for each architecture, not once for each run.
    private static let goEnvironment = [
        "GOOS": "linux", "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOWORK": "off",
        "GOCACHE": getenv("GOCACHE").map { String(cString: $0) } ?? "/tmp/coracle-elf-go-cache-\(getuid())",
    ]

    private static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Tool.Failure(description: "cannot write \(path)")
        }
    }
}
