package import Diagnostics

extension YAMLReader {
    /// - Throws: `yaml.unexpected` at a key that is not in `known`, with the most similar one that is.
    package func refuseOthers(than known: [String]) throws(Diagnostic) {
        if let problem = try others(than: known).first { throw problem }
    }

    /// A problem, `yaml.unexpected`, for every key that is not in `known`, with the most similar one that is.
    ///
    /// - Parameter hint: what to do about a key that is like none of them, such as one of another place.
    package func others(
        than known: [String],
        hint: (String) -> String? = { _ in nil }
    ) throws(Diagnostic) -> [Diagnostic] {
        guard case .mapping(let members) = value.content else { throw unexpected("a mapping") }
        return members.filter { !known.contains($0.key) }.map { member in
            var problem = problem("`\(joined(member.key))` is not known", at: member.mark)
            problem.hint =
                Spelling.closest(to: member.key, among: known).map { "did you mean `\($0)`?" } ?? hint(member.key)
            return problem
        }
    }
}
