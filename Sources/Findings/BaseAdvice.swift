import Diagnostics

/// On which base of the catalogue nothing of what an image lacks is missing: for hints.
package struct BaseAdvice: Sendable {
    /// A base on which less is missing.
    package struct Nearest: Sendable {
        let name: String
        /// What is still wrong there, in sentences, the most important first.
        let problems: [String]
        /// The libraries among them.
        let lacks: Set<String>

        package init(name: String, problems: [String], lacks: Set<String>) {
            self.name = name
            self.problems = problems
            self.lacks = lacks
        }
    }

    private static let mostNamed = 3

    /// The base on which no error is left; `nil` if there is none.
    package let works: String?
    /// A much smaller base than the one that works, on which only libraries are missing.
    private let smaller: Nearest?
    /// The base with the fewest errors, if there are fewer than now, and no base works.
    private let nearest: Nearest?
    private let bases: [AlternativeBase]
    /// What `coracle advise` takes for the same application; `nil` for a finished image.
    private let source: String?
    /// The release of Debian whose packages are named.
    private let suite: String

    package init(
        works: String?,
        smaller: Nearest? = nil,
        nearest: Nearest?,
        of bases: [AlternativeBase],
        for source: String?,
        suite: String
    ) {
        self.works = works
        self.smaller = smaller
        self.nearest = nearest
        self.bases = bases
        self.source = source
        self.suite = suite
    }

    // MARK: Words

    /// What is to be said of bases to something that is missing, as the beginning of a hint; `nil` if nothing is known.
    ///
    /// - Parameter library: what is missing, if it is a library.
    package func words(about library: String? = nil) -> String? {
        if let works { return "works with `--base \(works)`" + (smaller.map { besides(works, $0) } ?? "") }
        if let nearest, library.map({ !nearest.lacks.contains($0) }) ?? true {
            let shown = nearest.problems.prefix(Self.mostNamed)
            let more = nearest.problems.count - Self.mostNamed
            return "choose `\(nearest.name)`, which has it; what is left there: \(shown.joined(separator: "; "))"
                + (more > 0 ? "; and \(more) more" : "")
        }
        guard let library else { return nil }
        let having = bases.filter { $0.names.contains(library) }.map { "`\($0.name)`" }
        guard having.isEmpty else {
            return "choose one of the bases that have it, \(having.prefix(Self.mostNamed).joined(separator: ", "))"
        }
        guard !bases.isEmpty else { return nil }
        return "no base of the catalogue has it"
            + (DebianPackages.words(for: library, in: suite).map { ": \($0), for a base of your own" } ?? "")
    }

    /// What to do instead of standing on `large`, of which the program needs next to nothing.
    private func besides(_ large: String, _ small: Nearest) -> String {
        func size(_ name: String) -> String {
            bases.first { $0.name == name }.map { " (\(ByteCount($0.size)))" } ?? ""
        }
        let libraries = small.lacks.sorted()
        let lacks = libraries.map { "`\($0)`" }.joined(separator: ", ")
        let packages = libraries.compactMap { DebianPackages.words(for: $0, in: suite) }
        let cure =
            packages.count == libraries.count
            ? ": \(packages.joined(separator: ", ")), for a base of your own" : ", which can be added"
        return "\(size(large)); the smaller `\(small.name)`\(size(small.name)) lacks only \(lacks)\(cure)"
    }

    /// The command that weighs all bases; `nil` for a finished image, and where a base was found.
    package var command: String? {
        guard works == nil, let source else { return nil }
        return "`coracle advise \(source)` weighs all bases"
    }
}
