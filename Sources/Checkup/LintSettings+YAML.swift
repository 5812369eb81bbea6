package import ByteIO
package import Diagnostics
import Findings
package import Hygiene
import Request
import YAML

extension LintSettings {
    /// What a project says of itself, at the top of its directory.
    package static let usualFile: FilePath = "coracle.yaml"

    /// Reads the part `lint` of a configuration file; without one, the settings stay as they are.
    ///
    ///     lint:
    ///       rules: {lint.shell: off, lint.base-floating: error}
    ///       labels: [org.opencontainers.image.source]
    ///       max-age: 30d
    ///       warn-before: 90d
    ///       max-waste: 20%
    ///
    /// - Throws: `yaml.…` with line and column, also for keys and rules that are not known; `io.failed`.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        self.init()
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try ProjectFile.bytes(of: path)
        } catch {
            throw error.diagnostic("read the configuration", path.display)
        }
        let reader = YAMLReader(try YAMLDocument(parsing: bytes, named: path.display, limit: ProjectFile.sizeLimit))
        // The others are what the project builds.
        try reader.refuseOthers(than: ["lint", "defaults", "images", "targets"])
        guard let lint = try reader.optional("lint") else { return }
        try lint.refuseOthers(than: ["rules", "labels", "max-age", "warn-before", "max-waste"])
        if let rules = try lint.optional("rules") {
            try rules.refuseOthers(than: Self.rules.map(\.code))
            for (code, value) in try rules.members() { levels[code] = try Self.level(value) }
        }
        if let labels = try lint.optional("labels") { self.labels = try labels.strings() }
        maxAge = try lint.optional("max-age").map { age throws(Diagnostic) in try Self.period(age, "an age") }
        warnBefore = try lint.optional("warn-before").map { time throws(Diagnostic) in
            try Self.period(time, "a length of time")
        }
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
