import Diagnostics
import Layers
import OCI
import Rootfs

/// What the image's configuration will say, checked.
struct ConfigurationPlan {
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    private let request: BuildRequest.Configuration
    private let user: String
    private let ports: [String]

    /// What is wrong goes to `problems`.
    init(_ request: BuildRequest.Configuration, _ problems: inout Problems) {
        self.request = request
        user = problems.collect { () throws(Diagnostic) in try Self.numericUser(request.user) } ?? ""
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

    /// The configuration, without diffIDs and history.
    func config(
        entrypoint: [String],
        workingDirectory: String,
        hasCertificates: Bool,
        platform: Platform,
        created: Timestamp
    ) -> ImageConfig {
        var config = ImageConfig(platform: platform)
        config.created = created.description
        config.config.user = user
        config.config.entrypoint = entrypoint
        config.config.cmd = request.command.isEmpty ? nil : request.command
        config.config.env = environment(hasCertificates: hasCertificates)
        config.config.workingDir = request.workingDirectory ?? workingDirectory
        config.config.labels = request.labels
        config.config.exposedPorts = ports
        config.config.volumes = request.volumes
        config.config.stopSignal = request.stopSignal
        return config
    }

    private func environment(hasCertificates: Bool) -> [String] {
        var pairs = [("PATH", Self.defaultPath)]
        // Programs look in different places; this variable is the one that most of them honour.
        if hasCertificates { pairs.append(("SSL_CERT_FILE", "/" + Certificates.path)) }
        for (name, value) in request.environment {
            if let place = pairs.firstIndex(where: { $0.0 == name }) {
                pairs[place].1 = value
            } else {
                pairs.append((name, value))
            }
        }
        return pairs.map { "\($0.0)=\($0.1)" }
    }

    /// `UID:GID`. Kubernetes can tell that a user is not root only from a number.
    private static func numericUser(_ text: String) throws(Diagnostic) -> String {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func unknown(_ name: String, _ kind: String) -> Diagnostic {
            let reason = "`\(name)` is no number, and the image has no \(kind) of that name"
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
        } else if let user = Accounts.user(named: fields[0]) {
            (uid, gid) = (user.uid, user.gid)
        } else {
            throw unknown(fields[0], "user")
        }
        if fields.count == 2 {
            guard let group = number(fields[1]) ?? Accounts.group(named: fields[1])?.gid else {
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

extension Diagnostic.Code {
    static let configurationMalformed = Self("configuration.malformed", .usage)
}
