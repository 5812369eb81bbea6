package import ByteIO
package import Diagnostics
import Findings
package import Hygiene
package import Project
import YAML

extension LintSettings {
    /// Reads the part `lint` of a configuration file; without one, the settings stay as they are.
    ///
    ///     lint:
    ///       rules: {lint.shell: off, lint.base-floating: error}
    ///       labels: [org.opencontainers.image.source]
    ///       max-age: 30d
    ///       warn-before: 90d
    ///       max-waste: 20%
    ///
    /// What the file says counts over the files that it extends, and what its profiles say over both.
    ///
    /// - Parameters:
    ///   - others: the keys of what the project builds.
    ///   - profiles: the names of the profiles that count, the last one the most.
    /// - Throws: `yaml.…` with line and column, also for keys and rules that are not known; `project.no-profile`; `io.failed`.
    package init(
        readingFrom path: FilePath,
        besides others: ProjectKeys,
        profiles: [String] = []
    ) throws(Diagnostic) {
        self.init()
        let files = try ProjectFile.all(from: path) { $1.diagnostic("read the configuration", $0.display) }
        for file in files { try add(from: file.content, besides: others.top) }
        for profile in try files.profiles(profiles) {
            // A profile may be empty.
            if case .null = profile.value.content { continue }
            try add(from: profile, besides: others.inProfiles)
        }
    }

    private mutating func add(from content: YAMLReader, besides others: [String]) throws(Diagnostic) {
        try content.refuseOthers(than: others)
        if let lint = try content.optional("lint") { try add(lint) }
    }

    private mutating func add(_ lint: YAMLReader) throws(Diagnostic) {
        try lint.refuseOthers(than: ["rules", "labels", "max-age", "warn-before", "max-waste"])
        if let rules = try lint.optional("rules") {
            try rules.refuseOthers(than: Self.rules.map(\.code))
            for (code, value) in try rules.members() { levels[code] = try Self.level(value) }
        }
        if let labels = try lint.optional("labels") { self.labels = try labels.strings() }
        if let age = try lint.optional("max-age") { maxAge = try Self.period(age, "an age") }
        if let time = try lint.optional("warn-before") { warnBefore = try Self.period(time, "a length of time") }
        if let waste = try lint.optional("max-waste") {
            guard let percent = Self.percent(try waste.string()) else {
                throw waste.malformed("`\(try waste.string())` is not a share; write it like `20%`")
            }
            maxWaste = percent
        }
    }

    private static func period(_ reader: YAMLReader, _ title: String) throws(Diagnostic) -> Int64 {
        let text = try reader.string()
        guard let seconds = seconds(text) else {
            throw reader.malformed("`\(text)` is not \(title); write it like `30d`, `12h` or `2w`")
        }
        return seconds
    }

    private static func level(_ reader: YAMLReader) throws(Diagnostic) -> Level {
        let text = try reader.string()
        guard let level = Level(rawValue: text) else {
            let words = Level.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw reader.malformed("`\(text)` is not one of \(words)")
        }
        return level
    }
}
