import Diagnostics
import Layers
import OCI
import Request
import Rootfs

/// What the image's configuration will say, checked.
struct ConfigurationPlan {
    let request: BuildRequest.Configuration
    private let ports: [String]
    /// The user that was asked for, where no base has a say in it.
    let user: UserID?

    /// What is wrong goes to `problems`; what only a base can tell is left to `config`.
    init(_ request: BuildRequest.Configuration, isOnBase: Bool = false, _ problems: inout Problems) {
        self.request = request
        user =
            isOnBase
            ? nil
            : request.user.map { user in
                problems.collect { () throws(Diagnostic) in try Self.numericUser(user, ImageAccounts()) } ?? .nonroot
            }
        ports = request.ports.flatMap { port in
            problems.collect { () throws(Diagnostic) in try Self.ports(port) } ?? []
        }
        for variable in request.environment {
            let (name, value) = (variable.name, variable.value)
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

    /// What the image starts.
    enum Start {
        case words([String])
        /// The entry point of the base, and its arguments.
        case ofBase
    }

    /// What of the configuration the image's own files and its base decide.
    struct Surroundings {
        let start: Start
        /// The application's own; `nil` if it does not say.
        let workingDirectory: String?
        let hasCertificates: Bool
        let platform: Platform
        let created: Timestamp
        var base: ImageConfig?
        var accounts = ImageAccounts()
        /// `NAME=VALUE`, over the base's and below the user's.
        var environment: [String] = []
        /// The same for labels.
        var labels: [String: String] = [:]
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
        config.config.removeTriggers()
        config.config.user = try user(over: base.user, surroundings.accounts)
        if case .words(let words) = surroundings.start {
            config.config.entrypoint = words
            // A base's arguments are for the base's own program.
            config.config.cmd = nil
        }
        if !request.command.isEmpty { config.config.cmd = request.command }
        config.config.env = environment(over: base.env, surroundings)
        config.config.workingDir = workingDirectory(surroundings.workingDirectory, over: base)
        config.config.labels = base.labels.merging(surroundings.labels) { $1 }.merging(request.labels) { $1 }
        let wanted = ports.isEmpty ? surroundings.ports : ports
        config.config.exposedPorts = base.exposedPorts + wanted.filter { !base.exposedPorts.contains($0) }
        config.config.volumes = base.volumes + request.volumes.filter { !base.volumes.contains($0) }
        config.config.stopSignal = request.stopSignal ?? base.stopSignal
        if let healthcheck = request.healthcheck { config.config.healthcheck = healthcheck.json }
        return config
    }

    /// Where the program starts.
    func workingDirectory(_ wanted: String?, over base: ImageConfig.Execution?) -> String {
        if let directory = request.workingDirectory ?? wanted { return directory }
        // Go's programs write an empty text where there is none.
        return base?.workingDir.flatMap { $0.isEmpty ? nil : $0 } ?? "/"
    }

    /// What the user asks for by name or number; `nil` if it is left to the base.
    var statedUser: String? { request.user }
    /// Directories that the user names, which the program is to find: where it starts, and for its data.
    var statedDirectories: [String] { [request.workingDirectory].compactMap(\.self) + request.volumes }

    private func environment(over base: [String], _ surroundings: Surroundings) -> [String] {
        func pair(_ variable: String) -> (String, String) {
            let end = variable.utf8.firstIndex(of: UInt8(ascii: "=")) ?? variable.endIndex
            return (String(variable[..<end]), String(variable[end...].dropFirst()))
        }
        var pairs = base.map(pair)
        if !pairs.contains(where: { $0.0 == "PATH" }) {
            pairs.append(("PATH", ImageConfig.Execution.defaultSearchPath))
        }
        // Programs look in different places; this variable is the one that most of them honour.
        if surroundings.hasCertificates, !pairs.contains(where: { $0.0 == "SSL_CERT_FILE" }) {
            pairs.append(("SSL_CERT_FILE", "/" + Certificates.path))
        }
        for (name, value) in surroundings.environment.map(pair) + request.environment.map({ ($0.name, $0.value) }) {
            if let place = pairs.firstIndex(where: { $0.0 == name }) {
                pairs[place].1 = value
            } else {
                pairs.append((name, value))
            }
        }
        return pairs.map { "\($0.0)=\($0.1)" }
    }

    /// `8080`, `8080/udp`, a range as in a Dockerfile, `8000-8010`, or several with commas between them.
    private static func ports(_ text: String) throws(Diagnostic) -> [String] {
        var ports = [String]()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = part.split(separator: "/", omittingEmptySubsequences: false)
            let ends = (fields.first ?? "").split(separator: "-", omittingEmptySubsequences: false)
                .map { UInt32(digits: $0.utf8) ?? 0 }
            guard (1...2).contains(fields.count), (1...2).contains(ends.count), let first = ends.first,
                let last = ends.last, ends.allSatisfy({ (1...65535).contains($0) }), first <= last,
                fields.count == 1 || ["tcp", "udp", "sctp"].contains(fields[1])
            else {
                let reason =
                    "`\(part)` is not a port from 1 to 65535, or a range of them, with `/tcp`, `/udp` or `/sctp`"
                throw malformed("--expose", text, reason, "8080/tcp")
            }
            guard last - first < mostPorts else {
                let reason = "`\(part)` is more than \(mostPorts) ports, and each becomes a line of the configuration"
                throw malformed("--expose", text, reason, "8000-8010")
            }
            ports += (first...last).map { "\($0)/\(fields.count == 2 ? fields[1] : "tcp")" }
        }
        return ports
    }

    /// More ports of one range are taken for a mistake.
    private static let mostPorts: UInt32 = 1024

    private static func isSignal(_ text: String) -> Bool {
        if let number = UInt32(digits: text.utf8) { return (1...64).contains(number) }
        let name = text.hasPrefix("SIG") ? text.dropFirst(3) : text[...]
        if signals.contains(String(name)) { return true }
        // The real-time signals are counted from both ends (signal(7)).
        guard name.hasPrefix("RTMIN+") || name.hasPrefix("RTMAX-"), let offset = UInt32(digits: name.utf8.dropFirst(6))
        else { return false }
        return offset <= 30
    }

    private static let signals: Set<String> = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
        "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
        "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS", "RTMIN", "RTMAX",
    ]

    static func malformed(_ option: String, _ text: String, _ reason: String, _ example: String) -> Diagnostic {
        .optionMalformed(.configurationMalformed, option, text, because: reason, example: example)
    }
}

extension Diagnostic.Code {
    static let configurationMalformed = Self("configuration.malformed", .usage)
}
