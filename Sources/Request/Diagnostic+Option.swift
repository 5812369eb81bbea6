package import Diagnostics

extension Diagnostic {
    /// For an option whose value is not understood. `example` is a value that is.
    package static func optionMalformed(
        _ code: Code,
        _ option: String,
        _ value: String,
        because reason: String,
        example: String
    ) -> Diagnostic {
        Diagnostic(
            code,
            "`\(option) \(value)` is not understood",
            at: .option(option),
            because: reason,
            hint: "write it like `\(option) \(example)`"
        )
    }
}
