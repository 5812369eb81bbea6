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
        try lint.refuseOthers(than: ["rules", "labels", "max-age"])
        if let rules = try lint.optional("rules") {
            try rules.refuseOthers(than: Self.rules.map(\.code))
            for (code, value) in try rules.members() { levels[code] = try Self.level(value) }
        }
        if let labels = try lint.optional("labels") { self.labels = try labels.strings() }
        if let age = try lint.optional("max-age") {
            guard let seconds = Self.seconds(try age.string()) else {
                throw age.malformed("`\(try age.string())` is not an age; write it like `30d`, `12h` or `2w`")
            }
            maxAge = seconds
        }
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
