package import ArgumentParser
package import ByteIO
package import Diagnostics
package import Images
import OCI
import Request
import Store
import Terminal

/// How registries are reached: what all commands take that may speak to one.
package struct RegistryOptions: ParsableArguments {
    /// How progress is shown.
    package enum Progress: String {
        /// Bars in a terminal, else lines; and what takes longer than two seconds.
        case auto
        /// A line for each blob.
        case plain
        /// A line with a JSON object for each event.
        case json
        case none
    }

    @Option(
        help: ArgumentHelp(
            "The cache's directory. Default: CORACLE_CACHE, or coracle in XDG_CACHE_HOME or ~/.cache",
            valueName: "directory"
        )
    )
    package var cacheDir: String?

    @Flag(help: "Use only what the cache has; connect to no registry.")
    package var offline = false

    @Option(
        help: ArgumentHelp(
            "Also trust the authorities in this PEM file for one registry. Repeatable.",
            valueName: "registry=file"
        )
    )
    package var caCert: [String] = []

    @Option(
        help: ArgumentHelp(
            "Connect to this registry without TLS, or without checking its certificate. Repeatable.",
            valueName: "host"
        )
    )
    package var insecureRegistry: [String] = []

    @Option(
        help: ArgumentHelp(
            "Give up a transfer that is slower than this a second for a minute; 0 never does. Default: 1KiB",
            valueName: "size"
        )
    )
    package var minRate: String?

    @Flag(help: "After a push, read the manifest once under each name.")
    package var verifyPush = false

    @Option(
        help: ArgumentHelp(
            "How progress is shown: auto (bars in a terminal, else lines), plain, json, none. Default: CORACLE_PROGRESS, or auto",
            valueName: "how"
        )
    )
    package var progress: String?

    /// Makes an access for `body`, and closes it.
    ///
    /// - Parameters:
    ///   - activity: what takes time, such as `copying`.
    ///   - parallel: the number of blobs to transfer at the same time.
    ///   - bases: the options of the catalogue, for a command that may want a base.
    ///   - layering: how many layers such a base has.
    ///   - newest: which packages it is made of.
    ///   - project: the directory of the project, where its lock is; `nil` for the working directory.
    ///   - isLocking: whether that lock is about to be written.
    package func withAccess<Result>(
        doing activity: String = "planning",
        parallel: Int? = nil,
        bases: BaseOptions? = nil,
        layering: LayeringOptions? = nil,
        newest: NewestOptions? = nil,
        project: FilePath? = nil,
        isLocking: Bool = false,
        _ body: (ImageAccess) async throws -> Result
    ) async throws -> Result {
        var settings = try settings()
        try bases?.apply(to: &settings)
        try newest?.apply(to: &settings, bases)
        settings.bases.project = project
        settings.bases.writesLock = isLocking
        settings.bases.isSquashed = layering?.squashBase ?? false
        if let parallel { settings.parallelTransfers = parallel }
        let style = try Self.progress(progress)
        Activity.show(style == .auto)
        Activity.begin(activity)
        defer { Activity.end() }
        let progress = ProgressStyle.progress(style)
        Interrupts.watch(progress)
        let access = ImageAccess(settings, note: { Console.note([$0]) }, observe: { progress.observe($0) })
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

    /// What was typed, or what the environment says.
    ///
    /// - Throws: `usage.malformed`.
    package static func progress(_ typed: String?) throws(Diagnostic) -> Progress {
        guard let text = typed ?? ProcessEnvironment["CORACLE_PROGRESS"] else { return .auto }
        guard let progress = Progress(rawValue: text) else {
            let option = typed == nil ? "CORACLE_PROGRESS" : "--progress"
            let reason = "it is not auto, plain, json or none"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "plain")
        }
        return progress
    }

    /// - Throws: `usage.malformed`.
    package func settings() throws(Diagnostic) -> RegistrySettings {
        var settings = RegistrySettings(environment: ProcessEnvironment.current)
        settings.cacheDirectory = cacheDir.map { FilePath($0) }
        settings.sources = offline ? .cacheOnly : .everywhere
        settings.verifiesPushes = verifyPush
        settings.minimumRate = try minRate.map { text throws(Diagnostic) in
            try Quantity.bytes(text, "--min-rate", example: "1KiB")
        }
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
    package static func registry(_ text: String, _ option: String) throws(Diagnostic) -> String {
        let known = try? Reference(parsing: "\(text)/a")
        guard let known, text == known.registry || text == "index.docker.io", known.digest == nil else {
            let reason = "it is not a registry's host"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "registry.example:5000")
        }
        return known.registry
    }

    /// As ArgumentParser asks for.
    package init() {}
}
