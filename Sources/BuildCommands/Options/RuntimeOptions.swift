import ArgumentParser
import ByteIO
import Diagnostics
import Request

/// Which of the files that every program expects are in the image: certificates, time zones, accounts, `/tmp`.
struct RuntimeOptions: ParsableArguments {
    @Option(flag: "ca") var ca: [String] = []
    @Option(flag: "ca-only") var caOnly: [String] = []
    @Flag(flag: "no-ca") var noCertificates = false
    @Flag(flag: "no-zoneinfo") var noZoneinfo = false
    @Flag(flag: "minimal") var minimal = false
    @Flag(flag: "no-runtime") var noRuntime = false
}

extension BuildOptions {
    /// The options under "Runtime files".
    static let runtimeFlags: [BuildFlag] = [
        .all(
            "ca",
            \.runtime.ca,
            "Also trust the certificate authorities in this PEM file. Repeatable.",
            value: "file",
            key: .path
        ) { files, request in request.runtime?.certificates = .embedded(adding: files.map { FilePath($0) }) },
        .all(
            "ca-only",
            \.runtime.caOnly,
            "Trust only the certificate authorities in this PEM file. Repeatable.",
            value: "file",
            key: .path
        ) { files, request in request.runtime?.certificates = .only(files.map { FilePath($0) }) },
        .flag(
            "no-ca",
            \.runtime.noCertificates,
            "Leave out the certificate authorities."
        ) { $0.runtime?.certificates = .none },
        .flag(
            "no-zoneinfo",
            \.runtime.noZoneinfo,
            "Leave out the time zones."
        ) { $0.runtime?.includesZoneinfo = false },
        .flag(
            "minimal",
            \.runtime.minimal,
            "Add only the runtime files that the programs need."
        ) { $0.runtime?.isMinimal = true },
        .flag(
            "no-runtime",
            \.runtime.noRuntime,
            "Leave out the whole runtime layer: certificates, zones, accounts, /tmp."
        ) { $0.runtime = nil },
    ]
}
