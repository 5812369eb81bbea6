import Applications
package import ByteIO
package import Diagnostics
import ELF
import Glibc
package import Images
import OCI
import Plan
package import Request

extension SourceProject {
    /// What came out: a program for each platform, or one directory, and where they are from.
    package struct Product: Sendable {
        package let programs: [FilePath]
        package let origin: ProgramOrigin
        /// What they need, if the user names no base; `nil` if they need none, or the planner chooses.
        package let base: ImageLocation?
    }

    /// Builds what `request` asks for, for each of its platforms.
    ///
    /// - Throws: `source.…`; `io.failed`.
    package func build(_ request: BuildRequest, in workshop: Workshop) async throws(Diagnostic) -> Product {
        let platforms = (request.platforms.isEmpty ? [request.machine] : request.platforms).map(\.normalized)
        var workshop = workshop
        workshop.settings.program = request.program ?? workshop.settings.program
        if let other = platforms.first(where: { $0.os != "linux" }) {
            throw workshop.unsupported(other, by: "coracle makes images for Linux")
        }
        let before = Set((try? directoryEntries(of: directory)) ?? [])
        let products = try await recipe(in: workshop).products(for: platforms)
        let written = ((try? directoryEntries(of: directory)) ?? []).filter { !before.contains($0) }
        if !written.isEmpty {
            let names = written.map { "`\(String(printing: $0))`" }.sorted().prefix(5).joined(separator: ", ")
            workshop.note(
                Diagnostic(
                    .sourceTreeChanged,
                    "the build has written \(names) into `\(shown.display)`",
                    because: "the next build may come out otherwise",
                    hint: "commit what pins versions, and have git ignore the rest"
                )
            )
        }
        if ecosystem == .python, request.base == nil, request.choosesBase { try checkVersion(of: products, request) }
        if request.buildsTwice { try await buildAgain(products, for: platforms, in: workshop) }
        return Product(
            programs: try merged(products, platforms, workshop),
            origin: ProgramOrigin(typed: typed, root: directory),
            base: request.base == nil && request.choosesBase ? base(for: products[0], workshop) : nil
        )
    }

    /// Refuses packages that were chosen for the Python of one base, and have a module that needs that of another one.
    ///
    /// - Throws: `source.other-python-module`.
    private func checkVersion(of products: [FilePath], _ request: BuildRequest) throws(Diagnostic) {
        for product in products {
            guard let base = request.catalogueBase(of: product, .python) else { continue }
            let needed = PythonBuild.version(of: base)
            guard needed != pythonVersion else { continue }
            throw Diagnostic(
                .sourceOtherPythonModule,
                "a package that was installed for Python \(pythonVersion) is compiled for Python \(needed)",
                at: .file(path: typed.display),
                because:
                    "compiled modules load in no other version, and the other packages were chosen for \(pythonVersion)",
                hint: "name the base of that version, for which all packages are chosen then: `--base \(base)`"
            )
        }
    }

    /// What a program stands on that the toolchain could not link statically.
    private func base(for product: FilePath, _ workshop: Workshop) -> ImageLocation? {
        guard ecosystem == .cargo || ecosystem == .swift, let program = try? Program(at: product),
            program.elf.interpreter != nil
        else { return nil }
        workshop.note(
            Diagnostic(
                .planRecognized,
                "`\(program.name)` needs a C library, on `\(Self.baseWithC)`",
                because: "the toolchain links it dynamically",
                hint: "name another base to choose otherwise"
            )
        )
        return .catalogue(Self.baseWithC)
    }

    private static let baseWithC = "debian13/cc"

    private func recipe(in workshop: Workshop) throws(Diagnostic) -> any Recipe {
        let kind: any Recipe.Type =
            switch ecosystem {
            case .go: GoBuild.self
            case .cargo: CargoBuild.self
            case .swift: SwiftBuild.self
            case .maven, .gradle: JavaBuild.self
            case .python: PythonBuild.self
            case .node: NodeBuild.self
            }
        return try kind.init(self, workshop)
    }

    /// One directory in the place of those of several platforms.
    ///
    /// - Throws: `source.platform` if they are not the same.
    private func merged(
        _ products: [FilePath],
        _ platforms: [Platform],
        _ workshop: Workshop
    ) throws(Diagnostic) -> [FilePath] {
        guard products.count > 1, (try? FileStatus(at: products[0]))?.kind == .directory else { return products }
        for (product, platform) in zip(products, platforms).dropFirst() {
            guard let name = try TreeContent(product).difference(from: TreeContent(products[0])) else { continue }
            throw workshop.unsupported(
                platform,
                by: "its `\(name)` is not that of \(platforms[0]), and a directory is the same on all platforms",
                hint: "build one platform at a time"
            )
        }
        return [products[0]]
    }

    /// - Throws: `source.not-reproducible`.
    private func buildAgain(
        _ products: [FilePath],
        for platforms: [Platform],
        in workshop: Workshop
    ) async throws(Diagnostic) {
        workshop.say("building \(shown.display) again, in another place")
        let second = try workshop.another()
        let root = checkout
        let copy = second.directory.appending(root.name)
        do throws(SystemError) {
            try TreeCopy.make(of: root, at: copy) { $0 == workshop.directory }
        } catch {
            throw error.diagnostic("copy", root.display)
        }
        let others = try await moved(from: root, to: copy).recipe(in: second).products(for: platforms)
        for ((product, other), platform) in zip(zip(products, others), platforms) {
            guard let name = try TreeContent(other).difference(from: TreeContent(product)) else { continue }
            throw Diagnostic(
                .sourceNotReproducible,
                "two builds of `\(typed.display)` for \(platform) are not the same",
                at: .option("--twice"),
                because: "`\(name)` differs: something that was built depends on its place, or on the time",
                hint: "look for dates and absolute paths that a build script or a macro puts in"
            )
        }
        workshop.say("twice the same: \(products.map(\.name).joined(separator: ", "))")
    }

    /// The top of the checkout that the project is in: others of its directories may be needed; else the project's own.
    private var checkout: FilePath {
        var place = directory
        while place != "/" {
            if (try? FileStatus(at: place.appending(".git"), following: true)) != nil { return place }
            place = place.directory
        }
        return directory
    }

    /// `directory`, which is in the project's, as the user would type it.
    func shown(below directory: FilePath) -> String {
        let root = self.directory.bytes
        guard directory.bytes.starts(with: root), directory.bytes.count > root.count else {
            return directory == self.directory ? shown.display : directory.display
        }
        let rest = String(printing: directory.bytes[root.count...].drop { $0 == UInt8(ascii: "/") })
        return shown == "." ? "./\(rest)" : shown.appending(rest).display
    }

    /// The program that is built, of those called `names`.
    ///
    /// - Throws: `source.no-program`; `source.which-program`.
    func chosen(of names: [String], preferring usual: String?, in workshop: Workshop) throws(Diagnostic) -> String {
        let list = names.prefix(10).map { "`\($0)`" }.joined(separator: ", ") + (names.count > 10 ? " …" : "")
        if let name = workshop.settings.program {
            guard names.contains(name) else {
                throw Diagnostic(
                    .sourceNoProgram,
                    "`\(typed.display)` has no program `\(name)`",
                    at: .option("--bin"),
                    because: names.isEmpty ? nil : "there are: \(list)"
                )
            }
            return name
        }
        if names.count == 1 { return names[0] }
        guard !names.isEmpty else {
            throw Diagnostic(
                .sourceNoProgram,
                "`\(typed.display)` has no program",
                at: .file(path: typed.display),
                because: "it is source of \(ecosystem.language) from which no program is made",
                hint: "name the directory of a program; to have the directory itself in the image, add `--no-build`"
            )
        }
        if let usual, names.contains(usual) { return usual }
        throw Diagnostic(
            .sourceWhichProgram,
            "which program is built?",
            at: .file(path: typed.display),
            because: "there are \(names.count): \(list)",
            hint: "name one: `--bin \(names[0])`"
        )
    }
}

/// The names of all files at a path, and what is in them.
struct TreeContent {
    private var files: [String: String] = [:]

    /// - Throws: `io.failed`.
    init(_ path: FilePath) throws(Diagnostic) {
        var places = [(path: path, name: path.name)]
        while let (place, name) = places.popLast() {
            do throws(SystemError) {
                let status = try FileStatus(at: place)
                switch status.kind {
                case .directory:
                    places += try directoryEntries(of: place).map {
                        (place.appending(name: $0), "\(name)/\(String(printing: $0))")
                    }
                case .regular:
                    let bytes = try OpenFile(place, O_RDONLY | O_NOFOLLOW).readAll(limit: 2 << 30)
                    files[name] = "\(status.isExecutable) \(Digest(sha256Of: bytes))"
                default: files[name] = "\(place.resolved?.name ?? "")"
                }
            } catch {
                throw error.diagnostic("read", place.display)
            }
        }
    }

    /// The first name of which one has something else than the other; `nil` if they are the same.
    func difference(from other: TreeContent) -> String? {
        Set(files.keys).union(other.files.keys).filter { files[$0] != other.files[$0] }.min()
    }
}

extension Workshop {
    /// Says what runs next.
    func announce(_ what: String, _ platform: Platform, _ line: String, _ environment: ToolEnvironment) {
        say("building \(what) for \(platform)")
        say("  $ \(Secrets.struck(line))")
        say("  environment: \(environment.text)")
    }

    /// The file that a toolchain has put into `directory`.
    ///
    /// - Throws: `source.no-program`.
    func onlyProgram(in directory: FilePath, of project: SourceProject) throws(Diagnostic) -> FilePath {
        let names = (try? directoryEntries(of: directory)) ?? []
        guard names.count == 1 else {
            throw Diagnostic(
                .sourceNoProgram,
                names.isEmpty
                    ? "`\(project.typed.display)` has no program" : "`\(project.typed.display)` names several programs",
                at: .file(path: project.typed.display),
                because: names.isEmpty
                    ? "the toolchain has built it, and no program came out" : "\(names.count) programs came out",
                hint: "name the directory of one program"
            )
        }
        return directory.appending(name: names[0])
    }

    /// A copy of the program at `path`, where it stays until the build is over.
    func kept(_ path: FilePath, for platform: Platform) throws(Diagnostic) -> FilePath {
        let copy = try output(for: platform).appending(path.name)
        do throws(SystemError) {
            try TreeCopy.make(of: path, at: copy)
        } catch {
            throw error.diagnostic("copy the program", path.display)
        }
        return copy
    }

    func unsupported(_ platform: Platform, by reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .sourcePlatform,
            "nothing can be built for \(platform)",
            at: .option("--platform"),
            because: reason,
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let sourcePlatform = Self("source.platform", .usage)
    static let sourceWhichProgram = Self("source.which-program", .input)
    static let sourceNoProgram = Self("source.no-program", .input)
    static let sourceNotReproducible = Self("source.not-reproducible", .input)
    static let sourceTreeChanged = Self("source.tree-changed", .input)
    static let sourceOtherPythonModule = Self("source.other-python-module", .input)
}
