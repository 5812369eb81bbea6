package import Diagnostics
package import Layers
package import OCI

/// What the image has without a file of this machine: a directory, a symlink or a text, by `--mkdir`, `--symlink`, `--write`.
package struct MadeEntry: Hashable, Encodable, Sendable {
    package enum Kind: Hashable, Encodable, Sendable {
        case directory(mode: UInt16)
        case symlink(target: String)
        case file(text: String, mode: UInt16)
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

    /// Parses `PATH[:MODE[:UID:GID]]=TEXT`, a file. `=` and `:` in the path are written `\\=` and `\\:`.
    ///
    /// - Throws: `add.malformed`.
    package init(file text: String) throws(Diagnostic) {
        let (fields, content) = Self.split(text)
        func malformed(_ reason: String) -> Diagnostic {
            // The text may be long, and is not what is wrong.
            let place = text.prefix { $0 != "=" }
            return .optionMalformed(
                .addMalformed,
                "--write",
                String(place.prefix(200)),
                because: reason,
                example: "/etc/app.conf:0640:0:65532=port=8080"
            )
        }
        guard let content else { throw malformed("there is no `=` before a text") }
        guard [1, 2, 4].contains(fields.count) else { throw malformed("it has \(fields.count) fields before the `=`") }
        path = fields[0]
        var mode = FileModes.plain
        // An owner may be named without a mode.
        if fields.count == 2 || fields.count > 2 && !fields[1].isEmpty {
            guard let number = UInt16(octal: fields[1]) else {
                throw malformed("`\(fields[1])` is not a mode in octal digits")
            }
            mode = number
        }
        kind = .file(text: content, mode: mode)
        var owner = UserID.root
        if fields.count > 2 {
            guard let uid = Addition.owner(fields[2]), let gid = Addition.owner(fields[3]) else {
                throw malformed("`\(fields[2]):\(fields[3])` are not a numeric user and group")
            }
            owner = UserID(uid: uid, gid: gid)
        }
        (uid, gid) = (owner.uid, owner.gid)
        statesMode = false
        try check(malformed)
        guard !path.hasSuffix("/") else { throw malformed("`\(path)` is not the path of a file") }
    }

    /// What stands before the first `=`, in its fields, and behind it; the latter is `nil` without one.
    private static func split(_ text: String) -> (fields: [String], content: String?) {
        var (fields, isEscaped): ([[UInt8]], Bool) = ([[]], false)
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            switch (byte, isEscaped) {
            case (UInt8(ascii: "\\"), false):
                isEscaped = true
                continue
            case (UInt8(ascii: ":"), false): fields.append([])
            case (UInt8(ascii: "="), false):
                return (
                    fields.map { String(decoding: $0, as: UTF8.self) },
                    String(decoding: bytes[(index + 1)...], as: UTF8.self)
                )
            default:
                if isEscaped, byte != UInt8(ascii: ":"), byte != UInt8(ascii: "=") {
                    fields[fields.count - 1].append(UInt8(ascii: "\\"))
                }
                fields[fields.count - 1].append(byte)
            }
            isEscaped = false
        }
        return (fields.map { String(decoding: $0, as: UTF8.self) }, nil)
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
        case .file: "--write"
        }
    }

    /// `PATH[:MODE[:UID:GID]]` of a file, as `--add` has it behind the source.
    package var addition: String {
        guard case .file(_, let mode) = kind, mode != FileModes.plain || uid != 0 || gid != 0 else { return path }
        return "\(path):0\(String(mode, radix: 8))" + (uid == 0 && gid == 0 ? "" : ":\(uid):\(gid)")
    }

    /// Whether one entry can be both.
    package func agrees(with other: MadeEntry) -> Bool {
        kind == other.kind && uid == other.uid && gid == other.gid
    }

    /// For the layer's history. A text is there as a file of the same text would be.
    package var step: String {
        switch kind {
        case .directory: "--mkdir \(path)"
        case .symlink: "--symlink \(path)"
        case .file: "--add \(path)"
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
        case .file(let text, let mode):
            return LayerEntry(
                path,
                .bytes(Array(text.utf8)),
                mode: mode,
                uid: uid,
                gid: gid,
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
