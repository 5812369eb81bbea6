import Build
import ByteIO
import Diagnostics
import Glibc
import Images
import OCI
import Plan

extension BuildOptions {
    func builder(_ access: ImageAccess) -> Builder {
        Builder(cores: cores, access: access)
    }

    /// The plan for what was typed, and what the environment says.
    ///
    /// - Throws: everything that is wrong, with the options and with what they name, at once.
    func plan(_ access: ImageAccess) async throws(DiagnosticList) -> BuildJob {
        let (request, problems) = parsed(access)
        return try await plan(request, problems, access)
    }

    /// The plan for a request, and what was not understood of it.
    func plan(
        _ request: BuildRequest,
        _ problems: [Diagnostic],
        _ access: ImageAccess,
        _ survey: InputSurvey? = nil
    ) async throws(DiagnosticList) -> BuildJob {
        do throws(DiagnosticList) {
            let job = try await builder(access).plan(request, survey)
            if let list = DiagnosticList(problems) { throw list }
            return job
        } catch {
            throw error.behind(problems)
        }
    }

    /// How many things are done at the same time.
    var cores: Int { jobs.map { max(1, $0) } ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The request, without what is not understood, and that.
    ///
    /// - Parameter name: what an images file calls the image; nil for the one image of a command line.
    func parsed(_ access: ImageAccess, named name: String? = nil) -> (request: BuildRequest, problems: [Diagnostic]) {
        var problems = [Diagnostic]()
        func collect<Result>(_ body: () throws(Diagnostic) -> Result) -> Result? {
            do throws(Diagnostic) {
                return try body()
            } catch {
                problems.append(error)
                return nil
            }
        }
        var request = BuildRequest(paths: paths.map { FilePath($0) })
        request.output = collect(parsedOutput) ?? nil
        let defaults = collect { () throws(Diagnostic) in try defaultNames(of: name) } ?? []
        request.names = (tag + defaults).compactMap { name in
            collect { () throws(Diagnostic) in try Reference(parsing: name) }
        }
        request.isPushed = push
        request.base = collect { () throws(Diagnostic) in try parsedBase(access) } ?? nil
        request.choosesBase = base == nil
        request.platforms = platform.flatMap { $0.split(separator: ",").map(String.init) }.compactMap { text in
            collect { () throws(Diagnostic) in try Platform(parsing: text) }
        }
        request.destination = dest
        request.additions = add.compactMap { text in collect { () throws(Diagnostic) in try Addition(parsing: text) } }
        request.runtime = collect(parsedRuntime) ?? nil
        request.configuration.entrypoint =
            entrypoint.isEmpty ? nil : collect { () throws(Diagnostic) in try Self.words(entrypoint, "--entrypoint") }
        request.configuration.command = collect { () throws(Diagnostic) in try Self.words(cmd, "--cmd") } ?? []
        request.configuration.environment = env.compactMap { text in
            collect { () throws(Diagnostic) in try pair(text, "--env") }
        }
        for text in label {
            if let (key, value) = collect({ () throws(Diagnostic) in try pair(text, "--label") }) {
                request.configuration.labels[key] = value
            }
        }
        for text in annotation {
            if let (key, value) = collect({ () throws(Diagnostic) in try pair(text, "--annotation") }) {
                request.annotations[key] = value
            }
        }
        if let user { request.configuration.user = user }
        request.configuration.workingDirectory = workdir
        request.configuration.ports = expose
        request.configuration.volumes = volume
        request.configuration.stopSignal = stopSignal
        if let created = collect(parsedCreated) { request.created = created }
        if let mtime, let time = collect({ () throws(Diagnostic) in try Timestamp(parsing: mtime) }) {
            request.modified = time
        }
        request.compressionLevel = compressionLevel
        if let jobs, jobs < 1 {
            problems.append(malformed("--jobs", "\(jobs)", "there is no work without a worker", "2"))
        }
        request.allowsEscapingSymlinks = allowEscapingSymlinks
        if let size = maxFileSize.flatMap({ text in
            collect { () throws(Diagnostic) in try Quantity.bytes(text, "--max-file-size") }
        }) {
            request.largestFile = size
        }
        request.gate = collect(gate.options) ?? nil
        request.startedAt = noCache ? nil : Int64(time(nil))
        request.readsAllFiles = verifyCache
        request.passedOver = [access.settings.cachePlace].compactMap(\.self)
        _ = collect { () throws(Diagnostic) in try policy.apply(to: &request) }
        _ = collect { () throws(Diagnostic) in try reuse.apply(to: &request) }
        // Of an image that is not the one that was asked for, nothing can be said.
        if !problems.isEmpty { request.gate = nil }
        return (request, problems)
    }

    private func parsedOutput() throws(Diagnostic) -> BuildRequest.Output? {
        switch (output, tarball) {
        case ("", _), (_, ""):
            let option = output == "" ? "--output" : "--tarball"
            throw malformed(option, "", "it names no place", "server.oci")
        case (nil, nil): return nil
        case (let path?, nil): return path.hasSuffix(".tar") ? .archive(FilePath(path)) : .layout(FilePath(path))
        case (nil, let file?): return .archive(FilePath(file))
        case (.some, .some):
            throw Diagnostic(
                .usageConflict,
                "`--output` and `--tarball` both say where to write",
                at: .option("--tarball"),
                hint: "give one of them; `skopeo copy` makes an archive from a layout later"
            )
        }
    }

    private func parsedRuntime() throws(Diagnostic) -> BuildRequest.Runtime? {
        let options = [
            (noRuntime, "--no-runtime"), (noCertificates, "--no-ca"),
            (!ca.isEmpty, "--ca"), (!caOnly.isEmpty, "--ca-only"),
        ]
        let chosen = options.filter(\.0).map(\.1)
        guard chosen.count < 2 else {
            throw Diagnostic(
                .usageConflict,
                "`\(chosen[0])` and `\(chosen[1])` contradict each other",
                at: .option(chosen[1]),
                because: "they say different things about the certificates in the image",
                hint: "give one of them"
            )
        }
        if noRuntime, minimal {
            throw Diagnostic(
                .usageConflict,
                "`--no-runtime` and `--minimal` contradict each other",
                at: .option("--minimal"),
                because: "one leaves out everything, the other what is not needed",
                hint: "give one of them"
            )
        }
        if noRuntime { return nil }
        var runtime = BuildRequest.Runtime(includesZoneinfo: !noZoneinfo)
        runtime.isMinimal = minimal
        if noCertificates { runtime.certificates = .none }
        if !ca.isEmpty { runtime.certificates = .embedded(adding: ca.map { FilePath($0) }) }
        if !caOnly.isEmpty { runtime.certificates = .only(caOnly.map { FilePath($0) }) }
        return runtime
    }

    private func parsedCreated() throws(Diagnostic) -> BuildRequest.Created {
        if let created {
            let now = Timestamp(secondsSince1970: Int64(time(nil)))
            return .at(created == "now" ? now : try Timestamp(parsing: created), source: "--created")
        }
        guard let text = ProcessEnvironment["SOURCE_DATE_EPOCH"] else {
            return .fromPrograms
        }
        // reproducible-builds.org: whole seconds, and nothing else.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let time = try? Timestamp(parsing: text) else {
            throw Diagnostic(
                .usageMalformed,
                "the environment variable SOURCE_DATE_EPOCH is not a time",
                at: .option("SOURCE_DATE_EPOCH"),
                because: "its value is `\(text)`",
                hint: "set it to seconds since 1970, such as `$(git log -1 --format=%ct)`, or unset it"
            )
        }
        return .at(time, source: "SOURCE_DATE_EPOCH")
    }

    /// Words as they were given, or those of one JSON array, as a Dockerfile has them.
    static func words(_ values: [String], _ option: String) throws(Diagnostic) -> [String] {
        guard values.count == 1, values[0].hasPrefix("[") else { return values }
        guard
            case .array(let elements)? = try? JSON(parsing: Array(values[0].utf8), named: option),
            case let words = elements.compactMap(\.stringValue), words.count == elements.count
        else {
            let reason = "it begins with `[` and is not a JSON array of strings"
            throw .optionMalformed(
                .usageMalformed,
                option,
                values[0],
                because: reason,
                example: #"'["/app/server", "-v"]'"#
            )
        }
        return words
    }

    private func pair(_ text: String, _ option: String) throws(Diagnostic) -> (String, String) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            let reason = "it is not NAME=VALUE; nothing is taken from this machine's environment"
            throw malformed(option, text, reason, "NAME=VALUE")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private func malformed(_ option: String, _ text: String, _ reason: String, _ example: String) -> Diagnostic {
        .optionMalformed(.usageMalformed, option, text, because: reason, example: example)
    }
}

extension Diagnostic.Code {
    static let usageConflict = Self("usage.conflict", .usage)
    static let usageMalformed = Self("usage.malformed", .usage)
}
