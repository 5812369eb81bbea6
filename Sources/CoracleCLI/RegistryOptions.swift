import ArgumentParser
import ByteIO
import Diagnostics
import Images
import OCI
import Plan

/// How registries are reached: what all commands take that may speak to one.
struct RegistryOptions: ParsableArguments {
    enum Progress: String, CaseIterable, ExpressibleByArgument {
        case auto, plain, json, none
    }

    @Option(
        help: ArgumentHelp(
            "Where fetched blobs are kept. Default: CORACLE_CACHE, or coracle in XDG_CACHE_HOME or ~/.cache",
            valueName: "directory"
        )
    )
    var cacheDir: String?

    @Flag(help: "Speak to no registry: take what the cache has, or fail.")
    var offline = false

    @Option(
        help: ArgumentHelp(
            "Trust the authorities in this PEM file for one registry, too. Repeatable.",
            valueName: "registry=file"
        )
    )
    var caCert: [String] = []

    @Option(
        help: ArgumentHelp(
            "Speak to this registry without TLS, or without checking its certificate. Repeatable.",
            valueName: "host"
        )
    )
    var insecureRegistry: [String] = []

    @Option(
        help: ArgumentHelp(
            "What is shown of transfers: auto (bars in a terminal), plain, json, none.",
            valueName: "how"
        )
    )
    var progress: Progress = .auto

    /// Makes an access for `body`, and closes it.
    ///
    /// - Parameters:
    ///   - parallel: blobs on their way at the same time.
    ///   - bases: the catalogue's, where one may be wanted.
    ///   - layering: how many layers one of them has.
    func withAccess<Result>(
        parallel: Int? = nil,
        bases: BaseOptions? = nil,
        layering: LayeringOptions? = nil,
        _ body: (ImageAccess) async throws -> Result
    ) async throws -> Result {
        var settings = try settings()
        try bases?.apply(to: &settings)
        settings.bases.isSquashed = layering?.squashBase ?? false
        if let parallel { settings.parallelTransfers = parallel }
        let progress = TransferDisplay.progress(progress)
        Interrupts.watch(progress)
        let access = ImageAccess(settings, progress: progress) { Console.note([$0]) }
        do {
            let result = try await body(access)
            progress.finish()
            await access.close()
            return result
        } catch {
            progress.finish()
            await access.close()
            throw error
        }
    }

    /// - Throws: `usage.malformed`.
    func settings() throws(Diagnostic) -> RegistrySettings {
        var settings = RegistrySettings(environment: ProcessEnvironment.current)
        settings.cacheDirectory = cacheDir.map { FilePath($0) }
        settings.isOffline = offline
        settings.userAgent = "coracle/\(coracleVersion)"
        for text in insecureRegistry {
            settings.insecureRegistries.insert(try Self.registry(text, "--insecure-registry"))
        }
        for text in caCert {
            guard let equals = text.firstIndex(of: "="), text.index(after: equals) != text.endIndex else {
                let reason = "it does not say for which registry, or names no file"
                throw .optionMalformed(
                    .usageMalformed,
                    "--ca-cert",
                    text,
                    because: reason,
                    example: "registry.example:5000=ca.pem"
                )
            }
            let registry = try Self.registry(String(text[..<equals]), "--ca-cert")
            let file = FilePath(String(text[text.index(after: equals)...]))
            settings.certificateAuthorities[registry, default: []].append(file)
        }
        return settings
    }

    /// A registry's host, as references begin with it.
    static func registry(_ text: String, _ option: String) throws(Diagnostic) -> String {
        let known = try? Reference(parsing: "\(text)/a")
        guard let known, text == known.registry || text == "index.docker.io", known.digest == nil else {
            let reason = "it is not a registry's host"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "registry.example:5000")
        }
        return known.registry
    }
}

/// How much is done at the same time.
struct ParallelOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Blobs on their way at the same time, 1 to 32. Default: 2", valueName: "n")
    )
    var jobs: Int?

    /// - Throws: `usage.malformed`.
    func parallel() throws(Diagnostic) -> Int? {
        guard let jobs, !(1...32).contains(jobs) else { return jobs }
        let reason = "it is not from 1 to 32"
        throw .optionMalformed(.usageMalformed, "--jobs", "\(jobs)", because: reason, example: "4")
    }
}
