/// Accounts that commands make, and those that images have: their names and numbers.
struct Accounts {
    private var users: [String: (uid: UInt32?, gid: UInt32?, group: String?)] = [:]
    private var groups: [String: UInt32?] = [:]
    /// Those that every image has, and a few that have one number everywhere.
    private static let known: [String: UInt32] = ["root": 0, "nobody": 65534, "nonroot": 65532]

    /// Accounts that images of others have, by a part of the image's name.
    private static let ofImages: [(image: String, name: String, uid: UInt32)] = [
        ("node", "node", 1000), ("nginx-unprivileged", "nginx", 101), ("nginx", "nginx", 101), ("redis", "redis", 999),
        ("debian", "www-data", 33), ("ubuntu", "www-data", 33), ("python", "www-data", 33), ("php", "www-data", 33),
        ("temurin", "ubuntu", 1000), ("caddy", "caddy", 1000), ("postgres", "postgres", 999),
    ]

    init() {}

    /// With the accounts of `image`.
    init(of image: String) {
        for entry in Self.ofImages where image.contains(entry.image) {
            users[entry.name] = (entry.uid, entry.uid, nil)
            groups[entry.name] = .some(entry.uid)
        }
    }

    /// Whether the words are a command that makes a user or a group, which is remembered.
    @discardableResult
    mutating func read(_ words: [String]) -> Bool {
        guard let program = words.first.map(ImagePath.name) else { return false }
        let isUser = ["useradd", "adduser"].contains(program)
        guard isUser || ["groupadd", "addgroup"].contains(program) else { return false }
        // `adduser` of busybox has one letter where the one of Debian has words.
        let isOfBusybox = ["adduser", "addgroup"].contains(program)
        var (uid, gid, group, names) = (UInt32?.none, UInt32?.none, String?.none, [String]())
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            func value() -> String? { parts.count == 2 ? parts[1] : rest.popFirst() }
            switch (parts[0], isUser) {
            case ("--uid", true), ("-u", true): uid = value().flatMap { UInt32($0) }
            case ("--gid", _), ("-g", false):
                let text = value()
                gid = text.flatMap { UInt32($0) }
                if gid == nil { group = text }
            case ("-g", true) where isOfBusybox: _ = value()
            case ("--ingroup", true): group = value()
            case ("-G", true) where isOfBusybox: group = value()
            case ("-g", true):
                let text = value()
                gid = text.flatMap { UInt32($0) }
                if gid == nil { group = text }
            case ("--home", _), ("--home-dir", _), ("-d", _), ("-h", true), ("--shell", _), ("-s", true),
                ("--gecos", _),
                ("-c", _), ("--comment", _), ("-k", true), ("--skel", _), ("--groups", _), ("-G", true), ("-p", true),
                ("-K", _):
                _ = value()
            case _ where word.hasPrefix("-"):
                // `-rms`, letters together: the last one can have a value.
                if let last = word.last, !word.hasPrefix("--"), word.utf8.count > 2, "gdusGcu".contains(last) {
                    let text = rest.popFirst()
                    if last == "u" { uid = text.flatMap { UInt32($0) } }
                    if last == "g", !isOfBusybox { group = text }
                    if last == "G", isOfBusybox { group = text }
                }
            default: names.append(word)
            }
        }
        guard let name = names.first else { return true }
        if isUser {
            users[name] = (uid, gid, group ?? (names.count > 1 ? names[1] : nil))
        } else {
            groups[name] = .some(gid)
        }
        return true
    }

    /// Numbers for `NAME`, `UID`, `NAME:GROUP`; `nil` if a name is not known. What was made without a number is coracle's
    /// own user, 65532.
    func numbers(of text: String) -> (uid: UInt32, gid: UInt32)? {
        let fields = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = fields.first, let uid = uid(first) else { return nil }
        guard fields.count == 2 else { return (uid, gid(ofUser: first) ?? uid) }
        guard let gid = UInt32(fields[1]) ?? gid(named: fields[1]) else { return nil }
        return (uid, gid)
    }

    private func uid(_ name: String) -> UInt32? {
        if let number = UInt32(name) ?? Self.known[name] { return number }
        return users[name].map { $0.uid ?? Self.usual }
    }

    private func gid(ofUser name: String) -> UInt32? {
        guard let user = users[name] else { return nil }
        if let gid = user.gid { return gid }
        return user.group.flatMap { gid(named: $0) }
    }

    private func gid(named name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        if let group = groups[name] { return group ?? Self.usual }
        return Self.known[name] ?? users[name].map { $0.uid ?? Self.usual }
    }

    private static let usual: UInt32 = 65532

    /// Whether a command made `name`, or an image of others has it.
    func has(_ name: String) -> Bool { users[name] != nil }

    /// Whether the number of `name` was left to the builder.
    func isWithoutNumber(_ name: String) -> Bool { users[name].map { $0.uid == nil } ?? false }
}
