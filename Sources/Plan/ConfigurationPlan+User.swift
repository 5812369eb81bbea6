import Diagnostics
import OCI
import Request

/// Who the image runs as.
extension ConfigurationPlan {
    /// A base's user stays if it is not root: as it is, if everyone can see that; else in numbers.
    func user(over base: String?, _ accounts: ImageAccounts) throws(Diagnostic) -> String {
        if request.user == nil, let base, Self.isNumericAndNotRoot(base) { return base }
        return try identity(over: base, accounts).description
    }

    /// The image's user: the one that was asked for, else the base's, both looked up in the same files.
    ///
    /// - Throws: `configuration.malformed` for a user that the image has not.
    func identity(over base: String?, _ accounts: ImageAccounts) throws(Diagnostic) -> UserID {
        if let user { return user }
        if let user = request.user { return try Self.numericUser(user, accounts) }
        guard let base, let user = try? Self.numericUser(base, accounts), user.uid != 0 else { return .nonroot }
        return user
    }

    /// What the base's user `text` is: a clause.
    static func meaning(ofBaseUser text: String, _ accounts: ImageAccounts) -> String {
        do throws(Diagnostic) {
            let user = try numericUser(text, accounts)
            return user.uid == 0 ? "the base's user `\(text)` is root" : "that is the base's user `\(text)` in numbers"
        } catch {
            return "the base's user `\(text)` cannot be found" + (error.reason.map { ": \($0)" } ?? "")
        }
    }

    static func isNumericAndNotRoot(_ user: String) -> Bool {
        let fields = user.split(separator: ":", omittingEmptySubsequences: false).map { UserID.number($0) }
        guard (1...2).contains(fields.count), let uid = fields[0], uid != 0 else { return false }
        return fields.count == 1 || fields[1] != nil
    }

    /// The user that was asked for, in numbers: Kubernetes accepts only a number as proof that a user is not root.
    static func numericUser(_ text: String, _ accounts: ImageAccounts) throws(Diagnostic) -> UserID {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func unknown(_ name: String, _ kind: String) -> Diagnostic {
            let isNumber = name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let reason =
                isNumber
                ? "`\(name)` is larger than \(UserID.largest), the largest number that container engines take"
                : "`\(name)` is not a number, and the image has no \(kind) of that name"
            return malformed("--user", text, reason, UserID.nonroot.description)
        }
        guard (1...2).contains(fields.count), !fields.contains("") else {
            throw malformed("--user", text, "it is not UID or UID:GID", UserID.nonroot.description)
        }
        let number = UserID.number(fields[0]).map(accounts.user(numbered:))
        guard let user = number ?? accounts.user(named: fields[0]) else { throw unknown(fields[0], "user") }
        guard fields.count == 2 else { return user }
        guard let gid = UserID.number(fields[1]) ?? accounts.group(named: fields[1]) else {
            throw unknown(fields[1], "group")
        }
        return UserID(uid: user.uid, gid: gid)
    }
}
