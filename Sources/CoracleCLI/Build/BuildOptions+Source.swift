import ByteIO
import Diagnostics
import Images
import Request
import SourceBuild
import Store
import Terminal

extension BuildOptions {
    /// The request for the program that a toolchain makes, if the path is source; else `parsed`.
    ///
    /// - Parameters:
    ///   - name: the image's name in an images file; `nil` for the one image of a command line.
    ///   - body: gets the request, and the options that make it. The program is there until it returns.
    func withSource<Result>(
        _ parsed: ParsedRequest,
        _ access: ImageAccess,
        named name: String? = nil,
        _ body: (BuildOptions, ParsedRequest) async throws -> Result
    ) async throws -> Result {
        guard let project = SourceProject.find(parsed.request) else { return try await body(self, parsed) }
        // A misspelt option is reported before a compiler has run.
        if let problems = DiagnosticList(parsed.problems) { throw problems }
        Activity.begin("building \(project.typed.display.escapedForTerminal)")
        let workshop = try Workshop(
            in: access.settings.temporaryDirectory,
            ProcessEnvironment.current,
            isOffline: access.settings.sources == .cacheOnly,
            cache: parsed.request.startedAt == nil || access.settings.cachePlace == nil ? nil : try access.cache(),
            say: { if !Interrupts.isEnding { Console.log($0.escapedForTerminal) } },
            note: { Console.note([$0]) }
        )
        defer { workshop.close() }
        let product = try await project.build(parsed.request, in: workshop)
        var options = self
        options.paths = product.programs.map(\.display)
        var built = options.parsed(access, named: name)
        built.request.origin = product.origin
        built.request.base = built.request.base ?? product.base
        // They are what the toolchain was asked for.
        Activity.begin("planning")
        return try await body(options, built)
    }
}
