package import Diagnostics
package import Layers

/// Which parts of the runtime layer a base has already, and which of its files are to be replaced.
package struct RuntimeGaps {
    /// The new content of a file, and its path.
    package typealias Replacement = (path: EntryPath, bytes: [UInt8])

    /// The base's `/etc/passwd`; `nil` if it has none.
    package var passwd: Replacement?
    package var group: Replacement?
    package var hasCertificates = false
    /// The base's bundle, if certificates are to be added to it.
    package var bundle: Replacement?
    package var hasZoneinfo = false
    package var hasNameService = false
    package var hasTemporaryDirectory = false
    /// Whether there is something at an absolute path.
    package var exists: (String) -> Bool

    /// A base that has nothing but the paths for which `exists` is true.
    package init(exists: @escaping (String) -> Bool) { self.exists = exists }
}

extension RuntimeLayer {
    /// The entries that a base lacks, in the layer's order, without the directories above them; and the names of their
    /// parts, for the history.
    ///
    /// There is never an os-release: the base's own is right.
    /// - Throws: `zoneinfo.malformed`, which no user can cause.
    package static func entries(
        _ options: RuntimeOptions,
        filling gaps: RuntimeGaps
    ) throws(Diagnostic) -> (entries: [LayerEntry], parts: [String]) {
        var entries = [LayerEntry]()
        var parts = [String]()
        switch options.includes(.certificates) ? options.certificates : .none {
        case .none: break
        case .bundle(let pem):
            if let (path, bytes) = gaps.bundle {
                entries.append(LayerEntry(path, .bytes(bytes), mode: 0o644))
                parts.append("CA certificates")
            } else if !gaps.hasCertificates {
                entries += Certificates.entries(pem)
                parts.append("CA certificates")
            }
        case .embedded:
            if !gaps.hasCertificates {
                entries += Certificates.entries(Certificates.embedded)
                parts.append("CA certificates")
            }
        }
        let accounts = options.includes(.accounts) ? Self.accounts(gaps) : []
        entries += accounts
        if !accounts.isEmpty { parts.append("accounts") }
        if options.includes(.zoneinfo), !gaps.hasZoneinfo {
            entries += try Zoneinfo.entries()
            parts.append("time zones")
        }
        if options.includes(.nameService), !gaps.hasNameService {
            entries += NameService.entries
            parts.append("name lookup")
        }
        if options.includes(.temporaryDirectory), !gaps.hasTemporaryDirectory {
            entries += Directories.entries
            parts.append("/tmp")
        }
        // A symlink beside the bundle may be there, leading to something else: what the base has stays.
        let missing = entries.filter { entry in
            if case .symlink = entry.content { return !gaps.exists(entry.path.description) }
            return true
        }
        return (missing.sorted { $0.path < $1.path }, parts)
    }

    private static func accounts(_ gaps: RuntimeGaps) -> [LayerEntry] {
        var entries = [LayerEntry]()
        var home: String?
        if let (path, bytes) = gaps.passwd {
            if let added = AccountFile(bytes).adding(Accounts.nonroot) {
                entries.append(LayerEntry(path, .bytes(added.bytes), mode: 0o644))
                home = added.home
            }
        } else {
            entries.append(.file("etc/passwd", Accounts.passwd))
            if !gaps.exists("/root") { entries.append(.directory("root", mode: 0o700)) }
            home = Accounts.nonroot.home
        }
        if let (path, bytes) = gaps.group {
            if let added = AccountFile(bytes).adding(Accounts.nonrootGroup) {
                entries.append(LayerEntry(path, .bytes(added), mode: 0o644))
            }
        } else {
            entries.append(.file("etc/group", Accounts.group))
        }
        if let home, !gaps.exists(home) {
            entries.append(.directory(String(home.dropFirst()), mode: 0o700, owner: Accounts.nonroot.id))
        }
        return entries
    }
}
