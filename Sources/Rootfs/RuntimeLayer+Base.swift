package import Diagnostics
package import Layers

/// Which parts of the runtime layer a base has already, and which of its files are to be replaced.
package struct RuntimeGaps {
    /// The new content of a file, and its path.
    package struct Replacement {
        package let path: EntryPath
        package let bytes: [UInt8]

        package init(_ path: EntryPath, _ bytes: [UInt8]) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// The entries that fill the gaps.
    package struct Filling {
        /// Sorted, without the directories above them.
        package var entries: [LayerEntry]
        /// The names of their parts, for the history.
        package var parts: [String]
    }

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
    /// The entries that a base lacks.
    ///
    /// There is never an os-release: the base's own is right.
    /// - Throws: `zoneinfo.malformed`, which no user can cause.
    package static func entries(
        _ options: RuntimeOptions,
        filling gaps: RuntimeGaps
    ) throws(Diagnostic) -> RuntimeGaps.Filling {
        var entries = [LayerEntry]()
        var parts = [String]()
        switch options.includes(.certificates) ? options.certificates : .none {
        case .none: break
        case .bundle(let pem):
            if let bundle = gaps.bundle {
                entries.append(LayerEntry(bundle.path, .bytes(bundle.bytes), mode: FileModes.plain))
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
        return RuntimeGaps.Filling(entries: missing.sorted { $0.path < $1.path }, parts: parts)
    }

    private static func accounts(_ gaps: RuntimeGaps) -> [LayerEntry] {
        var entries = [LayerEntry]()
        var home: String?
        if let passwd = gaps.passwd {
            if let added = ParsedAccountFile(passwd.bytes).adding(Accounts.nonroot) {
                entries.append(LayerEntry(passwd.path, .bytes(added.bytes), mode: FileModes.plain))
                home = added.home
            }
        } else {
            entries.append(.file("etc/passwd", Accounts.passwd))
            if !gaps.exists("/root") { entries.append(.directory("root", mode: 0o700)) }
            home = Accounts.nonroot.home
        }
        if let group = gaps.group {
            if let added = ParsedAccountFile(group.bytes).adding(Accounts.nonrootGroup) {
                entries.append(LayerEntry(group.path, .bytes(added), mode: FileModes.plain))
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
