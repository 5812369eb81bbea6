package import Diagnostics
package import Lifetimes

/// What a system says of itself.
///
/// os-release(5).
package struct OSRelease: Hashable, Sendable {
    private static let limit: Int64 = 64 << 10

    private let values: [String: String]

    /// The name for programs, such as `debian`; `nil` if absent.
    package var id: String? { values["ID"] }
    /// The number of the release, such as `13`; `nil` for systems without releases.
    package var version: String? { values["VERSION_ID"] }
    /// The name for people, such as `Debian GNU/Linux 13 (trixie)`.
    package var name: String? { values["PRETTY_NAME"] }
    /// The codename of the release, such as `trixie`: of its own field, or in brackets behind the version.
    package var codename: String? {
        if let codename = values["VERSION_CODENAME"], !codename.isEmpty { return codename }
        guard let version = values["VERSION"], let open = version.firstIndex(of: "("), version.last == ")" else {
            return nil
        }
        return String(version[version.index(after: open)...].dropLast())
    }

    /// Until when it gets security updates; `nil` if the release is not known.
    package var endOfLife: EndOfLife? {
        guard let id, let version else { return nil }
        return EndOfLife.of(id: id, version: version)
    }

    /// - Parameter content: the content of `/etc/os-release`; what is not an assignment is skipped.
    package init(parsing content: [UInt8]) {
        var values: [String: String] = [:]
        for line in content.split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = line[(equals + 1)...].filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") }
            values[String(decoding: line[..<equals], as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        self.values = values
    }

    /// What the system in `root` says; `nil` if it says nothing.
    ///
    /// - Throws: what keeps the file from being read.
    package init?(in root: some ImageRoot) throws(Diagnostic) {
        var content = try root.content(of: "/etc/os-release", limit: Self.limit)
        if content == nil { content = try root.content(of: "/usr/lib/os-release", limit: Self.limit) }
        guard let content else { return nil }
        self.init(parsing: content)
    }
}
