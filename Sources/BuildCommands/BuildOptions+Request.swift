import Build
import ByteIO
import Diagnostics
import EngineCommands
import Images
import OCI
import Project
import Request
import SharedOptions
import Terminal

/// What was asked for, and what was not understood of it.
struct ParsedRequest {
    /// The request, without the options that were not understood.
    var request: BuildRequest
    var problems: [Diagnostic] = []

    /// The result of `body`; `nil` if it throws, which is one more problem.
    fileprivate mutating func collect<Result>(_ body: () throws(Diagnostic) -> Result) -> Result? {
        do throws(Diagnostic) {
            return try body()
        } catch {
            problems.append(error)
            return nil
        }
    }
}

extension BuildOptions {
    func builder(_ access: ImageAccess) -> Builder {
        Builder(cores: effort.cores, access: access)
    }

    /// What loads the images; `nil` if they are not loaded.
    ///
    /// - Throws: `engine.…` before anything is built, if there is no engine.
    func receiver(_ access: ImageAccess) async throws(Diagnostic) -> LoadReceiver? {
        guard output.isLoaded else { return nil }
        return try await LoadReceiver(output.loadTo, option: "--load-to", note: access.note)
    }

    /// The job for a request that was parsed.
    ///
    /// - Throws: everything that is wrong, with the options and with what they name, at once.
    func plan(
        _ parsed: ParsedRequest,
        _ access: ImageAccess,
        _ survey: InputSurvey? = nil
    ) async throws(DiagnosticList) -> BuildJob {
        do throws(DiagnosticList) {
            let job = try await builder(access).plan(parsed.request, survey)
            if let list = DiagnosticList(parsed.problems) { throw list }
            return job
        } catch {
            throw error.behind(parsed.problems)
        }
    }

    /// The request that the options make.
    ///
    /// - Parameters:
    ///   - name: the image's name in an images file; `nil` for the one image of a command line.
    ///   - given: places of the options that can say something; `nil` for all.
    ///   - siblings: other images of the file that this one takes files of.
    func parsed(
        _ access: ImageAccess,
        named name: String? = nil,
        _ given: [Int]? = nil,
        siblings: [String] = []
    ) -> ParsedRequest {
        var parsed = ParsedRequest(request: BuildRequest(paths: paths.map { FilePath($0) }))
        parsed.request.startedAt = Timestamp.now.secondsSince1970
        parsed.request.askedAt = parsed.request.startedAt
        parsed.problems = conflicts(given)
        parsed.request.vcs = Self.sourceState
        for place in given ?? Array(Self.flags.indices) {
            Self.flags[place].apply(self, to: &parsed.request, &parsed.problems)
        }
        // What several options decide, or what is elsewhere besides.
        let files = files
        parsed.request.output = parsed.collect(parsedOutput) ?? nil
        for text in parsed.collect({ () throws(Diagnostic) in try defaultNames(of: name) }) ?? [] {
            guard let name = parsed.collect({ () throws(Diagnostic) in try Reference(parsing: text) }) else { continue }
            parsed.request.names.append(name)
        }
        parsed.request.base = parsed.collect { () throws(Diagnostic) in try parsedBase(access, files) } ?? nil
        for text in files.addFrom {
            let addition = parsed.collect { () throws(Diagnostic) in
                try ImageAddition(parsing: text) { text throws(Diagnostic) in
                    guard let sibling = SiblingAddition.name(text) else { return try access.location(ofSource: text) }
                    // It is not built yet: `BatchProgress` says where it is.
                    guard siblings.contains(sibling) else { throw .noSibling(sibling) }
                    return .layout(FilePath(sibling), name: nil)
                }
            }
            if let addition { parsed.request.imageAdditions.append(addition) }
        }
        parsed.request.choosesBase = files.base == nil
        if dates.created == nil, let time = parsed.collect(SourceDateEpoch.fromEnvironment) ?? nil {
            parsed.request.created = .at(time, source: SourceDateEpoch.variable)
        }
        parsed.request.passedOver = [access.settings.cachePlace].compactMap(\.self)
        // Nothing can be said about an image that is not the one that was asked for.
        if !parsed.problems.isEmpty { parsed.request.gate = nil }
        return parsed
    }

    /// What the environment says, which is the same for a thousand images.
    private static let sourceState = SourceState { ProcessEnvironment[$0] }

    private func parsedOutput() throws(Diagnostic) -> BuildRequest.Output? {
        let output = output
        if output.output == "" || output.tarball == "" {
            let option = output.output == "" ? "--output" : "--tarball"
            let reason = "it does not name a place"
            throw .optionMalformed(.usageMalformed, option, "", because: reason, example: "server.oci")
        }
        if let file = output.tarball { return .archive(FilePath(file)) }
        return try output.output.map { text throws(Diagnostic) in try OutputPlace(text).output }
    }

    /// `nil` for `scratch`.
    private func parsedBase(_ access: ImageAccess, _ files: FileOptions) throws(Diagnostic) -> ImageLocation? {
        guard let base = files.base, base != "scratch" else {
            try access.refuseSquashing(of: "scratch")
            return nil
        }
        return try access.location(ofBase: base)
    }
}

extension Diagnostic {
    /// Files are to be taken of an image that the file does not have.
    static func noSibling(_ name: String) -> Diagnostic {
        Diagnostic(
            .usageMalformed,
            "`{image: \(name)}` is not an image of a file",
            at: .option("--add-from"),
            because: "another image of the same `coracle.yaml` is named there, and not on the command line",
            hint: "write it below `add-from` of the image in the file"
        )
    }
}
