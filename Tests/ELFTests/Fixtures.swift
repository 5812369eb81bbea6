import ELF
import Glibc
import TestSupport

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
        let output = try TemporaryDirectory()
        try Command(
            "go",
            ["build", "-o", output("hello")] + go.flags + ["."],
            environment: environment,
            directory: directory,
            timeLimit: 300
        ).output()
        return try FileBytes(output("hello"))
    }

    /// The commit that the Go program is built from.
    static func goRevision() throws -> String {
        let said = try Command("git", ["rev-parse", "HEAD"], environment: gitEnvironment, directory: goModule.get())
            .output()
        return String(said.prefix { $0 != "\n" })
    }

    /// What readelf says, in lines.
    static func readelf(_ option: String, _ path: String) throws -> [Substring] {
        try Command("readelf", [option, path], environment: ["LC_ALL": "C"]).output().split(separator: "\n")
    }

    static let commitTime = "2024-05-06T07:08:09Z"

    private static let cPrograms = Result<String, any Error>(catching: {
        let directory = try newFolder("c")
        try writeFile(
            "\(directory)/program.c",
            "#include <math.h>\nint main(int n, char **v) { return (int)cos(n + 0.5); }\n"
        )
        try writeFile("\(directory)/bare.c", "void _start(void) { for (;;) {} }\nint data = 1;\n")
        try writeFile("\(directory)/library.c", "int first(void) { return 1; }\nint second(void) { return 2; }\n")
        try writeFile("\(directory)/library.map", "SAMPLE_1 { first; };\nSAMPLE_2 { second; } SAMPLE_1;\n")
        for kind in C.allCases {
            try Command("gcc", kind.arguments + ["-o", kind.rawValue], directory: directory).output()
        }
        var dump = try readFile("\(directory)/\(C.core.rawValue)")
        dump[16] = 4
        try writeFile("\(directory)/\(C.core.rawValue)", dump)
        return directory
    })

    private static let goModule = Result<String, any Error>(catching: {
        let directory = try newFolder("go")
        mkdir("\(directory)/dep", 0o755)
        try writeFile(
            "\(directory)/go.mod",
            "module example.com/hello\n\ngo 1.18\n\nrequire example.com/dep v1.2.3\n\nreplace example.com/dep => ./dep\n"
        )
        try writeFile(
            "\(directory)/main.go",
            "package main\n\nimport \"example.com/dep\"\n\nfunc main() { println(dep.Text) }\n"
        )
        try writeFile("\(directory)/dep/go.mod", "module example.com/dep\n\ngo 1.18\n")
        try writeFile("\(directory)/dep/dep.go", "package dep\n\nconst Text = \"hello\"\n")
        for arguments in [["init", "-q"], ["add", "."], ["commit", "-q", "-m", "hello"]] {
            try Command("git", arguments, environment: gitEnvironment, directory: directory).output()
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
        "GOCACHE": Environment.current["GOCACHE"] ?? "/tmp/coracle-elf-go-cache-\(getuid())",
    ]

    /// An empty folder beside the test bundle: what is built there stays, to be looked at.
    private static func newFolder(_ name: String) throws -> String {
        let path = "\(Built.fixtures)/elf-\(name)"
        try Command("rm", ["-rf", path]).output()
        try Command("mkdir", ["-p", path]).output()
        return path
    }
}
