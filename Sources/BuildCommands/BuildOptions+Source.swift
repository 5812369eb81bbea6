import Build
import ByteIO
import Diagnostics
import Images
import Project
import Request
import SourceBuild
import Store
import Terminal

extension AskedImage {
    /// The request for the program that a toolchain makes, if the path is source; else `parsed`.
    ///
    /// - Parameter body: gets the request, and the options that make it. The program is there until it returns.
    func withSource<Result>(
        _ parsed: ParsedRequest,
        _ access: ImageAccess,
        _ body: (BuildOptions, ParsedRequest) async throws -> Result
    ) async throws -> Result {
        guard let project = try project(parsed.request) else { return try await body(options, parsed) }
        // A misspelt option is reported before a compiler has run.
        if let problems = DiagnosticList(parsed.problems) { throw problems }
        let workshop = try workshop(parsed.request, access)
        defer { workshop.close() }
        Activity.begin("building \(project.typed.display.escapedForTerminal)")
        let (options, built) = request(for: try await project.build(parsed.request, in: workshop), access)
        // They are what the toolchain was asked for.
        Activity.begin("planning")
        return try await body(options, built)
    }

    /// The source that has to be built; `nil` if there is nothing to build.
    ///
    /// - Throws: `source.not-source`.
    func project(_ request: BuildRequest) throws(Diagnostic) -> SourceProject? {
        if let project = SourceProject.find(request) { return project }
        guard let source, request.paths.count == 1 else { return nil }
        let path = request.paths[0].display
        throw Diagnostic(
            .sourceNotSource,
            "`\(path)` is not source that coracle builds",
            at: .file(path: source.part.file, line: source.line),
            because: "column \(source.column): `source` names it",
            hint: "write `path` for what is built already"
        )
    }

    /// Where the program is made; the caller closes it.
    ///
    /// - Parameter name: what every line begins with, if several images are built side by side.
    func workshop(
        _ request: BuildRequest,
        _ access: ImageAccess,
        saying name: String? = nil
    ) throws(Diagnostic) -> Workshop {
        let start = name.map { "\($0): " } ?? ""
        return try Workshop(
            in: access.settings.temporaryDirectory,
            ProcessEnvironment.current,
            isOffline: access.settings.sources == .cacheOnly,
            settings: settings,
            cache: request.startedAt == nil || access.settings.cachePlace == nil ? nil : try access.cache(),
            say: { if !Interrupts.isEnding { Console.log((start + $0).escapedForTerminal) } },
            note: { note in
                Console.note(name.map { Diagnostic.merged([Named($0, [note])]) } ?? [note])
            }
        )
    }

    /// The options and the request for what a toolchain has made.
    func request(for product: SourceProject.Product, _ access: ImageAccess) -> (BuildOptions, ParsedRequest) {
        var options = options
        options.paths = product.programs.map(\.display)
        var built = options.parsed(access, named: name, siblings: sources)
        built.request.origin = product.origin
        built.request.base = built.request.base ?? product.base
        return (options, built)
    }
}

extension Diagnostic.Code {
    static let sourceNotSource = Self("source.not-source", .input)
}
