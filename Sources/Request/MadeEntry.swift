package import Diagnostics
package import Layers
package import OCI

/// A directory or a symlink that the image has without a file of this machine: `--mkdir`, `--symlink`.
package struct MadeEntry: Hashable, Encodable, Sendable {
    package enum Kind: Hashable, Encodable, Sendable {
        case directory(mode: UInt16)
        case symlink(target: String)
    }

    /// An absolute path in the image.
    package let path: String
    package let kind: Kind
    package let uid: UInt32
    package let gid: UInt32
    /// Whether the user names a mode for a directory, which it then has also if it is there already.
    package let statesMode: Bool

    /// Parses `PATH[:MODE[:UID:GID]]`, a directory.
    ///
    /// - Throws: `add.malformed`.
    package init(directory text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            .optionMalformed(.addMalformed, "--mkdir", text, because: reason, example: "/var/lib/app:0750:65532:65532")
        }
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard [1, 2, 4].contains(fields.count) else { throw malformed("it has \(fields.count) fields") }
        path = String(fields[0])
        var mode = FileModes.directory
        if fields.count > 1 {
            guard let number = UInt16(octal: fields[1]) else {
                throw malformed("`\(fields[1])` is not a mode in octal digits")
            }
            mode = number
        }
        kind = .directory(mode: mode)
        var owner = UserID.root
        if fields.count > 2 {
            guard let uid = UserID.number(fields[2]), let gid = UserID.number(fields[3]) else {
                throw malformed("`\(fields[2]):\(fields[3])` are not a numeric user and group")
            }
            owner = UserID(uid: uid, gid: gid)
        }
        (uid, gid) = (owner.uid, owner.gid)
        statesMode = fields.count > 1
        try check(malformed)
    }

    /// Parses `PATH:TARGET`, a symlink.
    ///
    /// - Throws: `add.malformed`.
    package init(symlink text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            .optionMalformed(.addMalformed, "--symlink", text, because: reason, example: "/usr/bin/app:/app/server")
        }
        let fields = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard fields.count == 2, !fields[1].isEmpty else { throw malformed("it is not PATH:TARGET") }
        path = String(fields[0])
        kind = .symlink(target: String(fields[1]))
        (uid, gid) = (UserID.root.uid, UserID.root.gid)
        statesMode = false
        try check(malformed)
    }

    private func check(_ malformed: (String) -> Diagnostic) throws(Diagnostic) {
        guard path.hasPrefix("/"), path.contains(where: { $0 != "/" }) else {
            throw malformed("`\(path)` is not an absolute path")
        }
    }

    /// What the user typed it with.
    package var option: String {
        switch kind {
        case .directory: "--mkdir"
        case .symlink: "--symlink"
        }
    }

    /// Whether one entry can be both.
    package func agrees(with other: MadeEntry) -> Bool {
        kind == other.kind && uid == other.uid && gid == other.gid
    }

    /// For the layer's history.
    package var step: String {
        switch kind {
        case .directory: "--mkdir \(path)"
        case .symlink: "--symlink \(path)"
        }
    }

    /// - Throws: what is wrong with the path.
    package func entry(at modified: Timestamp) throws(Diagnostic) -> LayerEntry {
        let path = try EntryPath(absolute: path)
        switch kind {
        case .directory(let mode):
            return LayerEntry(
                path,
                .directory,
                mode: mode,
                uid: uid,
                gid: gid,
                modified: modified.secondsSince1970
            )
        case .symlink(let target):
            return LayerEntry(
                path,
                .symlink(target: Array(target.utf8)),
                mode: FileModes.symlink,
                modified: modified.secondsSince1970
            )
        }
    }
}

extension UInt16 {
    /// Reads octal digits of a mode, `7777` at most, and nothing else.
    package init?(octal text: some StringProtocol) {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
            let mode = UInt16(text, radix: 8), mode <= 0o7777
        else { return nil }
        self = mode
    }
}
