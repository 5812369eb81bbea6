import ArgumentParser
import Diagnostics
import Findings
import Request
import SharedOptions

/// What is checked of an image before it is made.
struct CheckOptions: ParsableArguments {
    @Flag(flag: "no-check") var noCheck = false
    @Option(flag: "allow") var allow: [String] = []
    @Option(flag: "max-size") var maxSize: String?
}

extension BuildOptions {
    /// The options under "Checks".
    static let checkFlags: [BuildFlag] = [
        .each(
            "allow",
            \.checks.allow,
            "Allow what breaks this rule, such as run.library-missing, or only RULE=PATH or RULE=LIBRARY; the image records it. Repeatable.",
            value: "code"
        ) { text, request throws(Diagnostic) in
            guard var gate = request.gate else { return }
            try AllowedRules.allow(text, &gate)
            request.gate = gate
        },
        .flag(
            "no-check",
            \.checks.noCheck,
            "Make the image without checking whether it can run and what is in it."
        ) { $0.gate = nil },
        .text(
            "max-size",
            \.checks.maxSize,
            "Refuse an image whose layers, as they are stored, are larger, such as 20MiB.",
            value: "size"
        ) { text, request throws(Diagnostic) in request.sizeLimit = try Quantity.bytes(text, "--max-size") },
    ]
}
