import Diagnostics
import OCI

/// The file `data/json` of Debian's security tracker: source package → vulnerability → release → what is known.
struct TrackerFile {
    /// By source package.
    private let packages: [String: JSONReader]

    /// - Throws: `json.malformed`.
    init(_ bytes: [UInt8], named file: String, for names: Set<String>) throws(Diagnostic) {
        let document = JSONReader(try JSON(parsing: bytes, named: file, keeping: names), named: file)
        var packages: [String: JSONReader] = [:]
        for name in names { packages[name] = try document.optional(name) }
        self.packages = packages
    }

    /// By source package; `nil` if nothing in it is about the release `codename`, though something is about these packages.
    ///
    /// - Throws: `json.malformed` for what is laid out in another way.
    func advisories(in codename: String) throws(Diagnostic) -> [String: [Advisory]]? {
        var found: [String: [Advisory]] = [:]
        var hasRelease = packages.isEmpty
        for (name, issues) in packages {
            for id in try issues.object().keys {
                guard let releases = try issues.member(id).optional("releases"),
                    let release = try releases.optional(codename)
                else { continue }
                hasRelease = true
                if let advisory = try Self.advisory(id, release) { found[name, default: []].append(advisory) }
            }
        }
        return hasRelease ? found : nil
    }

    /// `nil` if the release never had it.
    private static func advisory(_ id: String, _ release: JSONReader) throws(Diagnostic) -> Advisory? {
        let status = try release.member("status").string()
        let fixed = try release.optional("fixed_version")?.string()
        let remedy: Advisory.Remedy
        switch status {
        case "resolved":
            // Version 0: no version was ever affected.
            guard fixed != "0" else { return nil }
            remedy = .released(fixed)
        case "open": remedy = .unreleased(nil)
        case "undetermined": remedy = .undetermined
        default:
            throw try release.member("status").malformed("`\(status.excerpt)` is not a status that the tracker has")
        }
        return Advisory(
            id,
            remedy,
            before: fixed,
            isUnimportant: try release.optional("urgency")?.string() == "unimportant"
        )
    }
}
