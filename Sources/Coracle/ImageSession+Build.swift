import Build
import ByteIO
import Diagnostics
import Findings
import Gate
import Glibc
import Images
import OCI
import Request

extension ImageSession {
    /// Builds the images of `recipe`, one for each platform, and puts them into `target` in one step at the end.
    ///
    /// - Throws: every problem of the recipe at once; or the first one of writing or sending.
    @discardableResult
    public func build(_ recipe: ImageRecipe, to target: ImageTarget) async throws(CoracleError) -> BuildResult {
        try await CoracleError.converting {
            let request = try request(recipe, to: target)
            let builder = Builder(cores: parallelBlocks, access: access)
            let survey = try builder.survey(request)
            if let recalled = try await builder.recall(survey, request),
                try await builder.publish(recalled, request) != nil
            {
                return try BuildResult(recalled)
            }
            return BuildResult(try await builder.build(try await builder.plan(request, survey)))
        }
    }

    private var parallelBlocks: Int { max(1, options.parallelBlocks ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// - Throws: all that is not understood.
    private func request(_ recipe: ImageRecipe, to target: ImageTarget) throws(DiagnosticList) -> BuildRequest {
        var problems = Problems()
        var request = BuildRequest(paths: recipe.paths.map { FilePath($0) })
        switch target {
        case .layout(let path): request.output = .layout(FilePath(path))
        case .archive(let path): request.output = .archive(FilePath(path))
        case .registry: request.isPushed = true
        }
        request.names = recipe.names.compactMap { name in
            problems.collect { () throws(Diagnostic) in try Reference(parsing: name) }
        }
        if let base = recipe.base {
            request.choosesBase = false
            if base != "scratch" {
                request.base = problems.collect { () throws(Diagnostic) in try access.location(ofBase: base) }
            }
        }
        request.platforms = recipe.platforms.compactMap { text in
            problems.collect { () throws(Diagnostic) in try Platform(parsing: text) }
        }
        request.destination = recipe.destination
        request.additions = recipe.additions.map(Addition.init)
        switch recipe.runtimeFiles {
        case .all: break
        case .needed: request.runtime?.isMinimal = true
        case .none: request.runtime = nil
        }
        request.gate = problems.collect { () throws(Diagnostic) in try GateOptions.of(recipe.checks) } ?? nil
        request.configure(recipe)
        let codec = problems.collect { () throws(Diagnostic) in
            try LayerFormatName.codec(recipe.compression, "compression")
        }
        if let codec { request.compression = codec }
        // The clock decides which files look unchanged next time, and nothing in the image.
        request.startedAt = access.settings.cachePlace == nil ? nil : Int64(time(nil))
        request.passedOver = [access.settings.cachePlace].compactMap(\.self)
        try problems.check()
        return request
    }
}

extension BuildRequest {
    /// Takes what `recipe` says about the configuration, the dates and the annotations.
    fileprivate mutating func configure(_ recipe: ImageRecipe) {
        configuration.entrypoint = recipe.entrypoint
        configuration.command = recipe.command
        configuration.environment = recipe.environment.sorted { $0.key < $1.key }.map {
            EnvironmentVariable(name: $0.key, value: $0.value)
        }
        configuration.labels = recipe.labels
        if let user = recipe.user { configuration.user = user }
        configuration.workingDirectory = recipe.workingDirectory
        configuration.ports = recipe.ports
        configuration.volumes = recipe.volumes
        configuration.stopSignal = recipe.stopSignal
        annotations = recipe.annotations
        if let seconds = recipe.created {
            created = .at(Timestamp(secondsSince1970: seconds), source: "the recipe")
        }
        modified = Timestamp(secondsSince1970: recipe.modified)
        compressionLevel = recipe.compressionLevel
    }
}

extension Addition {
    fileprivate init(_ added: ImageRecipe.AddedFile) {
        self.init(
            source: FilePath(added.source),
            destination: added.destination,
            mode: added.mode,
            uid: added.user,
            gid: added.group
        )
    }
}

extension GateOptions {
    /// `nil` if nothing is checked.
    fileprivate static func of(_ checks: ImageRecipe.Checks) throws(Diagnostic) -> GateOptions? {
        switch checks {
        case .skip: return nil
        case .report: return .refusingNothing
        case .refuse(let codes):
            var options = GateOptions()
            for code in codes.sorted() {
                guard let rule = Rule.named(code) else {
                    throw Diagnostic(
                        .ruleUnknown,
                        "there is no rule `\(code)`",
                        hint: "use the code of a finding, such as `run.version-missing`"
                    )
                }
                options.allowed.insert(rule)
            }
            return options
        }
    }
}

extension Diagnostic.Code {
    static let ruleUnknown = Self("rule.unknown", .usage)
}
