import Glibc
import Synchronization

/// A small program whose source is in Tests/Fixtures, built once a run.
///
/// The binaries are kept beside the test bundle, and the compilers' caches make later runs quick.
package struct FixtureProgram: Hashable, Sendable {
    package enum Language: Hashable, Sendable {
        /// One Go package without cgo: static, and the same bytes on every machine with this compiler.
        case go(architecture: String)

        /// One C file, linked statically for this machine.
        case staticC

        /// One C file, linked as the compiler likes it: with a loader and the C library.
        case dynamicC
    }

    /// The folder under Tests/Fixtures, and the name of the binary.
    package let name: String
    package let language: Language

    package init(_ name: String, _ language: Language) {
        self.name = name
        self.language = language
    }

    /// A Go program for x86-64.
    package static func go(_ name: String) -> FixtureProgram { FixtureProgram(name, .go(architecture: "amd64")) }

    /// The folder Tests/Fixtures.
    package static let sources: String = {
        let file = #filePath
        let folders = file.split(separator: "/").dropLast(2)
        return "/" + folders.joined(separator: "/") + "/Fixtures"
    }()

    private static let built = Mutex<[FixtureProgram: String]>([:])

    /// The binary's path; the first call builds it.
    package func path() throws -> String {
        try Self.built.withLock { built in
            if let path = built[self] { return path }
            let path = try build()
            built[self] = path
            return path
        }
    }

    private func build() throws -> String {
        let source = "\(Self.sources)/\(name)"
        let folder = "\(Built.fixtures)/\(variant)"
        let path = "\(folder)/\(name)"
        try Command("mkdir", ["-p", folder]).output()
        switch language {
        case .go(let architecture):
            try Command(
                "go",
                ["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "."],
                environment: [
                    "CGO_ENABLED": "0", "GOARCH": architecture, "GOOS": "linux", "GOFLAGS": "", "GOWORK": "off",
                    "GOTOOLCHAIN": "local",
                ],
                directory: source,
                timeLimit: 300
            ).output()
        case .staticC:
            try Command("gcc", ["-O1", "-static", "-o", path, "\(source)/main.c"]).output()
        case .dynamicC:
            try Command("gcc", ["-O1", "-o", path, "\(source)/main.c"]).output()
        }
        return path
    }

    private var variant: String {
        switch language {
        case .go(let architecture): "go-\(architecture)"
        case .staticC: "c-static"
        case .dynamicC: "c-dynamic"
        }
    }
}
