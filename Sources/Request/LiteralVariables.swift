package import Diagnostics
package import OCI

/// Values of `--env` that look as if they were to be expanded: a Dockerfile would, and coracle writes them as they are.
package enum LiteralVariables {
    /// A note for each value that names a variable of the image.
    package static func notes(
        _ variables: [EnvironmentVariable],
        over base: ImageConfig.Execution?
    ) -> [Diagnostic] {
        func known(_ name: String) -> String? {
            base?.value(of: name) ?? (name == "PATH" ? ImageConfig.Execution.defaultSearchPath : nil)
        }
        return variables.compactMap { variable in
            guard let meant = expanded(variable.value, known) else { return nil }
            return Diagnostic(
                .planLiteralVariable,
                "`\(variable.name)` is `\(variable.value)` in the image, with the dollar sign",
                at: .option("--env"),
                because: "nothing is expanded in values",
                hint: "if the image's own value is meant, write `--env '\(variable.name)=\(meant)'`"
            )
        }
    }

    /// `text` with the values of `$NAME` and `${NAME}`; `nil` if it names no variable that is known.
    package static func expanded(_ text: String, _ value: (String) -> String?) -> String? {
        var (result, rest, isChanged) = ("", text[...], false)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            var name = rest[rest.index(after: dollar)...]
            let isBraced = name.first == "{"
            if isBraced { name = name.dropFirst() }
            let word = name.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
            let end = word.endIndex
            let isClosed = !isBraced || (end < rest.endIndex && rest[end] == "}")
            if isClosed, let known = value(String(word)) {
                result += known
                rest = rest[(isBraced ? rest.index(after: end) : end)...]
                isChanged = true
            } else {
                result += "$"
                rest = rest[rest.index(after: dollar)...]
            }
        }
        return isChanged ? result + rest : nil
    }
}

extension Diagnostic.Code {
    static let planLiteralVariable = Self("plan.literal-variable", .usage)
}
