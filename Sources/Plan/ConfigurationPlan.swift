import Diagnostics
import Layers
import OCI
import Rootfs

/// What the image's configuration will say, checked.
struct ConfigurationPlan {
    /// A user without privileges; a number, because Kubernetes' `runAsNonRoot` needs one.
    static let defaultUser = "65532:65532"
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private let request: BuildRequest.Configuration
    private let ports: [String]
    /// The user that was asked for, where no base has a say in it.
    private let user: String?

    /// What is wrong goes to `problems`; what only a base can tell is left to `config`.
    init(_ request: BuildRequest.Configuration, isOnBase: Bool = false, _ problems: inout Problems) {
        self.request = request
        user =
            isOnBase
            ? nil
            : request.user.map { user in
                problems.collect { () throws(Diagnostic) in try Self.numericUser(user, ImageAccounts()) } ?? ""
            }
        ports = request.ports.compactMap { port in
            problems.collect { () throws(Diagnostic) in try Self.port(port) }
        }
        for (name, value) in request.environment {
            guard name.isEmpty || name.contains("=") || (name + value).contains("\0") else { continue }
            let reason = "a name is missing, or has a character that it cannot have"
            problems.add(Self.malformed("--env", "\(name)=\(value)", reason, "NAME=VALUE"))
        }
        for key in request.labels.keys where key.isEmpty {
            problems.add(Self.malformed("--label", "=\(request.labels[key] ?? "")", "its key is empty", "KEY=VALUE"))
        }
        for volume in request.volumes + [request.workingDirectory].compactMap(\.self) {
            _ = problems.collect { () throws(Diagnostic) in try EntryPath(absolute: volume) }
        }
        if let signal = request.stopSignal, !Self.isSignal(signal) {
            let reason = "it is neither a signal's name nor a number from 1 to 64"
            problems.add(Self.malformed("--stop-signal", signal, reason, "SIGTERM"))
        }
    }

    /// What of the configuration the image's own files and its base decide.
    struct Surroundings {
        let entrypoint: [String]
        /// The application's own; nil if it has no wish.
        let workingDirectory: String?
        let hasCertificates: Bool
        let platform: Platform
        let created: Timestamp
        var base: ImageConfig?
        var accounts = ImageAccounts()
        /// `NAME=VALUE`, over the base's and below the user's.
        var environment: [String] = []
        var ports: [String] = []
    }

    /// The configuration, without diffIDs and history: the base's, with ours over it.
    ///
    /// - Throws: `configuration.malformed` for a user that the image has not.
    func config(_ surroundings: Surroundings) throws(Diagnostic) -> ImageConfig {
        var config = surroundings.base ?? ImageConfig(platform: surroundings.platform)
        config.platform = surroundings.platform
        config.created = surroundings.created.description
        let base = config.config
        config.config.user = try user(over: base.user, surroundings.accounts)
        config.config.entrypoint = surroundings.entrypoint
        // A base's arguments are for the base's own program.
        config.config.cmd = request.command.isEmpty ? nil : request.command
        config.config.env = environment(over: base.env, surroundings)
        config.config.workingDir = workingDirectory(surroundings.workingDirectory, over: base)
        config.config.labels = base.labels.merging(request.labels) { $1 }
        let wanted = ports.isEmpty ? surroundings.ports : ports
        config.config.exposedPorts = base.exposedPorts + wanted.filter { !base.exposedPorts.contains($0) }
        config.config.volumes = base.volumes + request.volumes.filter { !base.volumes.contains($0) }
        config.config.stopSignal = request.stopSignal ?? base.stopSignal
        return config
    }

    /// Where the program starts.
    func workingDirectory(_ wanted: String?, over base: ImageConfig.Execution?) -> String {
        if let directory = request.workingDirectory ?? wanted { return directory }
        // Go's programs write an empty text where there is none.
        return base?.workingDir.flatMap { $0.isEmpty ? nil : $0 } ?? "/"
    }

    /// A base's user stays only where everyone can see that it is not root.
    private func user(over base: String?, _ accounts: ImageAccounts) throws(Diagnostic) -> String {
        if let user { return user }
        if let user = request.user { return try Self.numericUser(user, accounts) }
        guard let base, Self.isNumericAndNotRoot(base) else { return Self.defaultUser }
        return base
    }

    static func isNumericAndNotRoot(_ user: String) -> Bool {
        let fields = user.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0)) }
        guard (1...2).contains(fields.count), let uid = fields[0], uid != 0 else { return false }
        return fields.count == 1 || fields[1] != nil
    }

    private func environment(over base: [String], _ surroundings: Surroundings) -> [String] {
        func pair(_ variable: String) -> (String, String) {
            let end = variable.utf8.firstIndex(of: UInt8(ascii: "=")) ?? variable.endIndex
            return (String(variable[..<end]), String(variable[end...].dropFirst()))
        }
        var pairs = base.map(pair)
        if !pairs.contains(where: { $0.0 == "PATH" }) { pairs.append(("PATH", Self.defaultPath)) }
        // Programs look in different places; this variable is the one that most of them honour.
        if surroundings.hasCertificates, !pairs.contains(where: { $0.0 == "SSL_CERT_FILE" }) {
            pairs.append(("SSL_CERT_FILE", "/" + Certificates.path))
        }
        for (name, value) in surroundings.environment.map(pair) + request.environment {
            if let place = pairs.firstIndex(where: { $0.0 == name }) {
                pairs[place].1 = value
            } else {
                pairs.append((name, value))
            }
        }
        return pairs.map { "\($0.0)=\($0.1)" }
    }

    /// `UID:GID`. Kubernetes can tell that a user is not root only from a number.
    private static func numericUser(_ text: String, _ accounts: ImageAccounts) throws(Diagnostic) -> String {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func unknown(_ name: String, _ kind: String) -> Diagnostic {
            let reason = "`\(name)` is not a number, and the image has no \(kind) of that name"
            return malformed("--user", text, reason, "65532:65532")
        }
        guard (1...2).contains(fields.count), !fields.contains("") else {
            throw malformed("--user", text, "it is not UID or UID:GID", "65532:65532")
        }
        let uid: UInt32
        var gid: UInt32
        if let number = number(fields[0]) {
            // The group of the same number, as a user made by hand would have; without one it would be root's.
            (uid, gid) = (number, number)
        } else if let user = accounts.user(named: fields[0]) {
            (uid, gid) = (user.uid, user.gid)
        } else {
            throw unknown(fields[0], "user")
        }
        if fields.count == 2 {
            guard let group = number(fields[1]) ?? accounts.group(named: fields[1]) else {
                throw unknown(fields[1], "group")
            }
            gid = group
        }
        return "\(uid):\(gid)"
    }

    private static func number(_ text: String) -> UInt32? {
        // All digits: `UInt32` would also take a sign. The largest number is -1, "no user" in system calls.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(text), number != .max else {
            return nil
        }
        return number
    }

    private static func port(_ text: String) throws(Diagnostic) -> String {
        let fields = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard
            (1...2).contains(fields.count),
            let number = number(fields[0]), (1...65535).contains(number),
            fields.count == 1 || ["tcp", "udp", "sctp"].contains(fields[1])
        else {
            let reason = "it is not a port from 1 to 65535 with `/tcp`, `/udp` or `/sctp`"
            throw malformed("--expose", text, reason, "8080/tcp")
        }
        return "\(number)/\(fields.count == 2 ? fields[1] : "tcp")"
    }

    private static func isSignal(_ text: String) -> Bool {
        if let number = number(text) { return (1...64).contains(number) }
        let name = text.hasPrefix("SIG") ? text.dropFirst(3) : text[...]
        if signals.contains(String(name)) { return true }
        // The real-time signals are counted from both ends (signal(7)).
        guard name.hasPrefix("RTMIN+") || name.hasPrefix("RTMAX-"), let offset = number(String(name.dropFirst(6)))
        else { return false }
        return offset <= 30
    }

    private static let signals: Set<String> = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
        "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
        "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS", "RTMIN", "RTMAX",
    ]

    private static func malformed(_ option: String, _ text: String, _ reason: String, _ example: String) -> Diagnostic {
        .optionMalformed(.configurationMalformed, option, text, because: reason, example: example)
    }
}

extension ImageConfig.Execution {
    /// The image's PATH.
    package var path: String {
        let variable = env.first { $0.hasPrefix("PATH=") }
        return variable.map { String($0.dropFirst("PATH=".count)) } ?? ConfigurationPlan.defaultPath
    }
}

extension Diagnostic.Code {
    static let configurationMalformed = Self("configuration.malformed", .usage)
}
