package import ByteIO
package import Diagnostics
import ELF
import Glibc
package import Layers
package import SourceTree

/// A walked application directory, asked for the program that its image starts.
package struct ApplicationDirectory {
    private let walk: DirectoryWalk
    private let destination: EntryPath

    package init(_ walk: DirectoryWalk, at destination: EntryPath) {
        self.walk = walk
        self.destination = destination
    }

    package struct Choice {
        /// Absolute, in the image.
        package let path: String
        /// The entry with the file's content.
        package let entry: EntryPath
        /// `nil` if the entry point is not an ELF program of this directory: a script, or a file added otherwise.
        package let program: Program?
        /// The file of the directory that it is; `nil` if it comes from elsewhere.
        package var file: FilePath?
    }

    /// What the user names as the entry point. Whether it is there at all is checked when all layers are known.
    package func program(entrypoint: String, workingDirectory: String?) throws(Diagnostic) -> Choice {
        let start = entrypoint.hasPrefix("/") ? "" : (workingDirectory ?? destination.description) + "/"
        let path = EntryPath(normalizing: start + entrypoint)
        let entry = lookup.resolve(path)
        let file = entry?.hostFile
        let program = try file.flatMap { file throws(Diagnostic) in try Self.elf(file) }
        return Choice(path: entrypoint, entry: entry?.path ?? path, program: program, file: file)
    }

    /// The only program that is there.
    ///
    /// - Throws: `plan.which-program` with the candidates, if there is not exactly one.
    package func onlyProgram() throws(Diagnostic) -> Choice {
        let programs = candidates
        guard programs.count != 1 else { return programs[0] }
        throw which(programs)
    }

    /// The number of programs where programs are.
    package var candidateCount: Int { candidates.count }

    /// The program called `name` at the directory's top.
    package func program(named name: String) -> Choice? { candidates.first { $0.path == "\(place)/\(name)" } }

    /// Whether there is a file `name` at the directory's top.
    package func has(_ name: String) -> Bool { lookup.resolve(destination.appending(name.utf8))?.hostFile != nil }

    private var place: String { destination.isRoot ? "" : destination.description }
    private var lookup: TreeLookup { TreeLookup(walk.entries) }

    /// The programs where programs are: at the top, or in `bin/`.
    private var candidates: [Choice] {
        let programs = walk.executables.filter { $0.isProminent }.compactMap { executable -> Choice? in
            guard let program = try? Self.elf(executable.file), program.isStartable else { return nil }
            let entry = executable.entry
            let first = if case .hardlink(let first) = entry.content { first } else { entry.path }
            return Choice(path: entry.path.description, entry: first, program: program)
        }
        return programs.isEmpty ? linked : programs
    }

    /// The programs elsewhere in the directory that a symlink where programs are leads to.
    private var linked: [Choice] {
        walk.entries.compactMap { entry -> Choice? in
            guard case .symlink = entry.content, Self.isProminent(entry.path, in: destination),
                let target = lookup.resolve(entry.path), target.mode & 0o111 != 0, let file = target.hostFile,
                let program = try? Self.elf(file), program.isStartable
            else { return nil }
            return Choice(path: entry.path.description, entry: target.path, program: program)
        }
    }

    private static func isProminent(_ path: EntryPath, in destination: EntryPath) -> Bool {
        path.parent == destination || path.parent == destination.appending("bin".utf8)
    }

    private static func elf(_ file: FilePath) throws(Diagnostic) -> Program? {
        do throws(Diagnostic) {
            return try Program(at: file)
        } catch {
            // A script may be the entry point where the image has its interpreter: that is checked with all layers known.
            if error.code == .programNotELF { return nil }
            throw error
        }
    }

    private func which(_ programs: [Choice]) -> Diagnostic {
        var candidates = programs.map(\.path)
        if candidates.isEmpty { candidates = walk.executables.map(\.entry.path.description) }
        let shown = candidates.prefix(10).map { "`\($0)`" }.joined(separator: ", ")
        return Diagnostic(
            .planWhichProgram,
            "which program does the image start?",
            because: programs.isEmpty
                ? "there is no executable ELF file at the directory's top or in `bin/`"
                : "there are \(programs.count) executables at the directory's top or in `bin/`",
            hint: (programs.isEmpty ? unbuilt ?? unknown ?? site ?? script(candidates) : nil)
                ?? (candidates.isEmpty
                    ? "no file in the directory is executable, and it is not an application of Node.js, Python, Java, .NET or "
                        + "Ruby that coracle knows: make the program executable (`chmod +x`), and name it with `--entrypoint`"
                    : "name one with `--entrypoint`: \(shown)" + (candidates.count > 10 ? " …" : ""))
        )
    }

    /// The first file at the directory's top that ends in one of `ends`.
    private func topName(ending ends: [String]) -> String? {
        walk.entries.lazy.filter { $0.path.parent == destination }.map { String(printing: $0.path.name) }
            .first { name in ends.contains { name.hasSuffix($0) } }
    }

    /// How a static site is served, whose base does not do it.
    private var site: String? {
        guard topName(ending: ["index.html"]) != nil else { return nil }
        return
            "a static site needs a web server: leave out `--base`, which brings one, or choose a base that starts one, such "
            + "as `--base docker.io/library/nginx:stable`"
    }

    /// What runs an application of which coracle knows no more than its name.
    private var unknown: String? {
        let kinds = [
            ("deno.json", "Deno", "--base docker.io/denoland/deno:2"),
            ("deno.jsonc", "Deno", "--base docker.io/denoland/deno:2"),
            ("bun.lockb", "Bun", "--base docker.io/oven/bun:1"), ("bun.lock", "Bun", "--base docker.io/oven/bun:1"),
            ("composer.json", "PHP", "--base docker.io/library/php:8-apache --dest /var/www/html"),
            ("index.php", "PHP", "--base docker.io/library/php:8-apache --dest /var/www/html"),
        ]
        guard let (_, kind, options) = kinds.first(where: { has($0.0) }) else { return nil }
        return
            "it is a \(kind) application, and no base of the catalogue runs it: name one that does, such as `\(options)`"
    }

    /// The only executable file, if it is a script.
    private func script(_ candidates: [String]) -> String? {
        guard candidates.count == 1, let file = walk.executables.first?.file,
            let opened = try? OpenFile(file, O_RDONLY | O_NONBLOCK),
            let start = try? opened.bytes(at: 0, count: FileKind.windowSize),
            case .script(let shebang) = FileKind(start)
        else { return nil }
        return "`\(candidates[0])` is \(shebang): name it, and a base that has its interpreter, such as "
            + "`--entrypoint \(candidates[0]) --base docker.io/library/debian:13-slim`"
    }

    /// How the program of a source directory is built, if it looks like one.
    private var unbuilt: String? {
        let ways = [
            ("Cargo.toml", "cargo build --release", "the program in `target/release`"),
            ("go.mod", "CGO_ENABLED=0 go build -o server .", "`server`"),
            ("Package.swift", "swift build -c release --static-swift-stdlib", "the program in `.build/release`"),
            ("pom.xml", "mvn package", "the jar in `target`"),
            ("build.gradle", "gradle installDist", "the directory in `build/install`"),
            ("build.gradle.kts", "gradle installDist", "the directory in `build/install`"),
            ("build.sbt", "sbt stage", "`target/universal/stage`"),
            ("mix.exs", "mix release", "the directory in `_build/prod/rel`"),
            ("build.zig", "zig build", "the program in `zig-out/bin`"),
            ("CMakeLists.txt", "cmake -B build && cmake --build build", "the program in `build`"),
            ("Makefile", "make", "the program that it makes"),
        ]
        if let project = topName(ending: [".csproj", ".fsproj", ".sln"]) {
            return
                "it is a source directory (`\(project)`): build it first, such as with `dotnet publish -c Release -o out`, "
                + "and give coracle `out`"
        }
        guard let (_, command, product) = ways.first(where: { has($0.0) }) else { return nil }
        return "it is a source directory: build it first, such as with `\(command)`, and give coracle \(product)"
    }
}

extension DirectoryWalk.Executable {
    /// Whether it is where programs are: at the top, or in `bin/`.
    fileprivate var isProminent: Bool {
        let slashes = name.count { $0 == UInt8(ascii: "/") }
        return slashes == 0 || (slashes == 1 && name.starts(with: "bin/".utf8))
    }
}

extension Program {
    /// Whether it is a program at all, and not a library that happens to be executable.
    var isStartable: Bool {
        switch Linkage(of: elf) {
        case .staticExecutable, .staticPIE, .dynamic, .packed: true
        case .sharedLibrary, .relocatable, .core, .debugInformation, .other: false
        }
    }
}

extension Diagnostic.Code {
    package static let planWhichProgram = Self("plan.which-program", .input)
}
