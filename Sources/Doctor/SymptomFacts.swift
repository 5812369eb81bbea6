import Diagnostics
import Findings
import Gate
import Layers
import OCI

/// Facts about an image that explain symptoms and that no check reports: what a message names is looked for before anything is said
/// of it.
struct SymptomFacts<Root: ImageRoot> {
    /// What was found, and what to do in place of the symptom's own hint.
    struct Facts {
        var lines: [String] = []
        var hints: [String] = []
    }

    private let image: GatedImage<Root>
    private let words: MessageWords
    private let users: UserDatabase
    private let user: ContainerUser?

    init(_ image: GatedImage<Root>, _ words: MessageWords) throws(Diagnostic) {
        self.image = image
        self.words = words
        users = try UserDatabase(of: image.root)
        user = ContainerUser(image.execution.user ?? "", in: users)
    }

    /// - Parameter findings: what the checks found of the same symptom.
    func facts(for kind: Symptom.Kind, besides findings: [Finding]) throws(Diagnostic) -> Facts {
        switch kind {
        case .unknownAuthority: try authorities
        case .unknownZone: zones
        case .temporaryDirectory: temporaryDirectory
        case .readOnly: Facts(lines: writable)
        case .noSpace: Facts(lines: temporaryDirectory.lines + writable)
        case .portTaken, .portDenied: ports
        case .permissionDenied: findings.isEmpty ? denied : Facts()
        case .javaVersion, .nameLookup, .processor, .memory, .pull: Facts()
        case .noSuchFile: findings.isEmpty ? absent : Facts()
        case .shell: shell
        case .javaClass: javaClass
        case .nonRoot: nonRoot
        case .unknownUser: account
        case .globalization: globalization
        case .fuse: appImage
        case .executableStack: findings.isEmpty ? Facts(lines: library) : Facts()
        case .pythonModule: findings.isEmpty ? module(["py", "so"]) : Facts()
        case .nodeModule: module(["js", "cjs", "mjs", "json", "node"])
        case .execFormat: Facts(lines: ["the image is for \(image.platform)"] + (findings.isEmpty ? program : []))
        case .symbolVersion, .sharedObject: findings.isEmpty ? libraries : Facts()
        }
    }

    // MARK: Users

    private var startedAs: String {
        let said = image.execution.user.flatMap { $0.isEmpty ? nil : $0 }
        guard let user else { return "the image's user `\(said ?? "")` is not in its `/etc/passwd`" }
        return
            "the image runs as \(said.map { "`\($0)`" } ?? "root, as it names no user"): uid \(user.id.uid), gid \(user.id.gid)"
    }

    private var nonRoot: Facts {
        guard let user, user.isNumeric, !user.isRoot else { return Facts(lines: [startedAs]) }
        return Facts(
            lines: [startedAs + ", which `runAsNonRoot` accepts"],
            hints: ["look at the pod's own `runAsUser`, and at which image it runs: this one needs no change"]
        )
    }

    private var account: Facts {
        guard image.root.resolve("/etc/passwd") != nil else {
            return Facts(lines: [startedAs, "the image has no `/etc/passwd`"])
        }
        guard let name = words.user else { return Facts(lines: [startedAs]) }
        let number = UserID.number(Substring(name))
        let isThere =
            users.users.account(named: Substring(name)) != nil
            || number.flatMap { users.users.account(numbered: $0) } != nil
        if isThere {
            return Facts(lines: [startedAs, "`/etc/passwd` has `\(name)`: another image ran, or a mount hides it"])
        }
        let known = users.users.accounts.prefix(6).map { String(decoding: $0.name, as: UTF8.self) }
        return Facts(lines: [startedAs, "`/etc/passwd` has no `\(name)`; it has \(known.joined(separator: ", "))"])
    }

    // MARK: Certificates

    private var authorities: Facts {
        get throws(Diagnostic) {
            var facts = Facts()
            if let file = image.execution.value(of: "SSL_CERT_FILE"), !file.isEmpty {
                let place = image.root.resolve(file) == nil ? "is not in the image" : "is in the image"
                facts.lines.append("`SSL_CERT_FILE` says `\(file)`, which \(place)")
            }
            let there = KnownPlaces.bundles.lazy.compactMap { path in
                image.root.resolve(path).flatMap { $0.size > 0 ? (path: path, entry: $0) : nil }
            }
            if let (path, entry) = there.first {
                facts.lines.append(try bundle(path, entry))
            } else {
                facts.lines.append(
                    "the image has no bundle of certificate authorities, such as `\(KnownPlaces.bundles[0])`"
                )
            }
            if let own = image.root.entries.first(where: { $0.path.description.hasSuffix("/certifi/cacert.pem") }) {
                facts.lines.append("`\(own.path)` is what Python's `requests` trusts, whatever `SSL_CERT_FILE` says")
                let usual = there.first?.path ?? KnownPlaces.bundles[0]
                facts.hints.append("let it trust the image's bundle, too: `--env REQUESTS_CA_BUNDLE=\(usual)`")
                if there.first == nil { facts.hints.append("build without `--no-ca`") }
            }
            if words.text.contains("PKIX") || words.text.contains("certification path") {
                let store = "/etc/ssl/certs/java/cacerts"
                let isThere = image.root.resolve(store) != nil
                facts.lines.append("Java trusts what is in `\(store)`, which is \(isThere ? "" : "not ")in the image")
            }
            return facts
        }
    }

    /// Whether the authority that the message names is in the bundle; that it is not, if it names none.
    private func bundle(_ path: String, _ entry: RootEntry) throws(Diagnostic) -> String {
        let start = "`\(path)` is there, with \(entry.size.inMegabytes)"
        guard let name = authorityName, entry.size < 4 << 20,
            let bytes = try image.root.bytes(of: entry, at: 0, count: Int(entry.size))
        else { return start + ": the server's authority is not among those in it" }
        let isThere = Self.certificates(in: bytes).contains { $0.contains(subsequence: Array(name.utf8)) }
        return start
            + (isThere ? " and has `\(name)`: another image ran, or a mount hides it" : " and has no `\(name)`")
    }

    /// Go names the authority that it looked for: `candidate authority certificate "NAME"`.
    private var authorityName: String? {
        let parts = words.text.split(separator: "\"", omittingEmptySubsequences: false)
        for (before, name) in zip(parts, parts.dropFirst()) where before.hasSuffix("certificate ") {
            return String(name)
        }
        return nil
    }

    private static func certificates(in pem: [UInt8]) -> [[UInt8]] {
        var certificates = [[UInt8]]()
        var text: String?
        for line in String(decoding: pem, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("-----BEGIN CERT") {
                text = ""
            } else if line.hasPrefix("-----END") {
                if let bytes = text.flatMap(Base64Text.decode) { certificates.append(bytes) }
                text = nil
            } else {
                text? += line
            }
        }
        return certificates
    }

    // MARK: Places

    private var zones: Facts {
        guard image.root.resolve("/usr/share/zoneinfo")?.kind == .directory else {
            return Facts(lines: ["the image has no `/usr/share/zoneinfo`"])
        }
        guard let zone = words.zone else { return Facts(lines: ["the image has `/usr/share/zoneinfo`"]) }
        let isThere = image.root.resolve("/usr/share/zoneinfo/\(zone)") != nil
        return Facts(lines: [
            "`/usr/share/zoneinfo/\(zone)` is \(isThere ? "there: another image ran, or a mount hides it" : "not in the image")"
        ])
    }

    private var temporaryDirectory: Facts {
        guard let entry = image.root.resolve("/tmp") else { return Facts(lines: ["the image has no `/tmp`"]) }
        guard let user, !user.may(.write, entry) else {
            return Facts(lines: ["`/tmp` is there with mode \(entry.modeText)"])
        }
        return Facts(lines: ["`/tmp` has mode \(entry.modeText), and user \(user) may not write there"])
    }

    /// Where the program may write, according to the image's volumes.
    private var writable: [String] {
        let volumes = image.execution.volumes
        let named = words.paths.first { !$0.hasPrefix("/dev/") }
        var lines = ["the image's volumes: " + (volumes.isEmpty ? "none" : volumes.joined(separator: ", "))]
        if let named, !volumes.contains(where: { named == $0 || named.hasPrefix($0 + "/") }) {
            lines.append("`\(named)` is below no volume")
        }
        return lines
    }

    private var ports: Facts {
        let ports = image.execution.exposedPorts
        return Facts(lines: ["the image's ports: " + (ports.isEmpty ? "none" : ports.joined(separator: ", "))])
    }

    /// A directory at the top that begins with a dot is one of a home directory that is `/`.
    private var denied: Facts {
        let isHome = words.paths.contains { $0.hasPrefix("/.") }
        let home = image.execution.value(of: "HOME").map { "`HOME` is `\($0)`" } ?? "the image does not set `HOME`"
        guard isHome else { return Facts(lines: paths + [startedAs]) }
        return Facts(
            lines: paths + [startedAs, home],
            hints: ["give it a home directory that it may write in: `--env HOME=/tmp`"]
        )
    }

    /// What there is at the paths that the message names.
    private var paths: [String] {
        guard let user else { return [] }
        let walk = RootWalk(root: image.root, user: user)
        return words.paths.map { path in
            switch walk.reach(path.utf8) {
            case .found(let entry):
                "`\(path)` is in the image: mode \(entry.modeText), of \(entry.uid):\(entry.gid)"
            case .missing: "`\(path)` is not in the image"
            case .denied(let directory): "user \(user) may not enter `\(directory.path)` on the way to `\(path)`"
            case .loop: "`\(path)` leads through too many symlinks"
            }
        }
    }

    // MARK: Programs

    /// Whether there is a program of the name that the message has, where that is not a path.
    private var program: [String] {
        guard let name = words.program, !name.contains("/") else { return [] }
        if let path = ProgramSearch(image).path(of: name) { return ["`\(name)` is in the image: `\(path)`"] }
        let elsewhere = image.root.entries.filter { $0.kind == .file && $0.path.name.elementsEqual(name.utf8) }
        return ["no directory of the image's PATH has `\(name)`: \(image.execution.searchPath)"]
            + elsewhere.prefix(2).map { "the image has `\($0.path)`, which has to be started by its whole path" }
            + ["the image starts " + image.execution.words.map { "`\($0)`" }.joined(separator: " ")]
    }

    private var absent: Facts {
        let isNamed = words.program.map { !$0.contains("/") } ?? false
        return Facts(
            lines: program + paths,
            hints: isNamed
                ? ["name the program by its whole path, in `--entrypoint` or in what starts the container"] : []
        )
    }

    private var shell: Facts {
        let wanted = words.paths.first { $0.hasSuffix("sh") } ?? KnownPlaces.shell
        if image.root.resolve(wanted) != nil {
            return Facts(
                lines: ["`\(wanted)` is in the image"] + paths.filter { !$0.hasPrefix("`\(wanted)`") },
                hints: ["another image ran, or what the shell starts is missing"]
            )
        }
        var lines = ["`\(wanted)` is not in the image"]
        let start = image.execution.words
        if start.first.map({ $0.hasSuffix("sh") }) == true {
            lines.append("the image starts it itself: \(start.map { "`\($0)`" }.joined(separator: " "))")
        }
        if image.root.resolve("/busybox/sh") != nil { lines.append("the image has `/busybox/sh`") }
        return Facts(lines: lines)
    }

    private var globalization: Facts {
        let variable = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"
        var lines = [String]()
        let icu = NameIndex(image.root).names { $0.hasPrefix("libicuuc.so") }
        lines.append(icu.first.map { "the image has `\($0)`" } ?? "the image has no `libicuuc.so`")
        if let value = image.execution.value(of: variable) { lines.append("`\(variable)` is set to `\(value)`") }
        let suite = image.base.map { $0.hasPrefix("debian12/") } == true ? "libicu72" : "libicu76"
        return Facts(
            lines: lines,
            hints: [
                "let it do without: `--env \(variable)=1`; programs that sort or write by the rules of languages need Debian's "
                    + "package `\(suite)`, in a base of your own"
            ]
        )
    }

    private var appImage: Facts {
        let start = ProgramSearch(image).entrypoint
        var lines = start.map { ["the image starts `\($0.path)`"] } ?? []
        lines.append("`/dev/fuse` is the host's, and containers are not given it")
        return Facts(lines: lines)
    }

    // MARK: Libraries and modules

    /// Where the library is that the message names.
    private var library: [String] {
        guard let name = words.library else { return [] }
        let places = NameIndex(image.root)[name]
        guard let first = places.first else { return ["`\(name)` is not in the image"] }
        return ["`\(name)` is in the image: `\(first)`"]
    }

    private var libraries: Facts {
        var facts = Facts(lines: library)
        let rest =
            "every library and version that its files ask for is in the image: another image ran, or a mount hides them"
        guard let name = words.library, NameIndex(image.root)[name].isEmpty else {
            facts.lines.append(rest)
            return facts
        }
        let openCV = image.root.entries.contains { $0.path.name.elementsEqual("cv2".utf8) }
        if openCV, name.hasPrefix("libGL") || name.hasPrefix("libgthread") || name.hasPrefix("libglib") {
            facts.lines.append("the image has OpenCV for Python, which asks for it to show windows")
            facts.hints.append("install `opencv-python-headless` in place of `opencv-python`: it needs no such library")
        }
        let suite = image.base.map { $0.hasPrefix("debian12/") } == true ? "debian12" : "debian13"
        if let package = DebianPackages.words(for: name, in: suite) {
            facts.hints.append("\(package), for a base of your own; or add the file with `--add`")
        }
        return facts
    }

    /// Where the module is that the message names.
    private func module(_ suffixes: [String]) -> Facts {
        guard let module = words.module else { return Facts() }
        if module.hasPrefix("/") { return Facts(lines: paths) }
        let scoped = module.split(separator: "/").prefix(module.hasPrefix("@") ? 2 : 1).joined(separator: "/")
        let name = scoped.split(separator: ".").first.map(String.init) ?? scoped
        let places = image.root.entries.filter { entry in
            let path = "/\(entry.path)"
            if path.hasSuffix("/\(scoped)") || path.hasSuffix("/\(name)") { return true }
            return suffixes.contains { path.hasSuffix("/\(name).\($0)") }
                || path.split(separator: "/").last.map { $0.hasPrefix("\(name).cpython-") } == true
        }
        guard let first = places.first else { return Facts(lines: ["`\(name)` is not in the image"]) }
        let variable = image.execution.value(of: "PYTHONPATH").map { "; `PYTHONPATH` is `\($0)`" } ?? ""
        return Facts(lines: ["`\(first.path)` is in the image, and was not found there" + variable])
    }

    // MARK: Java

    private var javaClass: Facts {
        guard let name = words.javaName else { return Facts() }
        if name.hasSuffix(".jar") {
            let path = name.hasPrefix("/") ? name : "\(image.execution.startDirectory)/\(name)"
            let isThere = image.root.resolve(path) != nil
            return Facts(lines: [
                "`\(path)` is \(isThere ? "in the image: the user may not read it, or a mount hides it" : "not in the image")"
            ])
        }
        let file = name.replacing(".", with: "/") + ".class"
        if let there = image.root.entries.first(where: { "/\($0.path)".hasSuffix("/\(file)") }) {
            return Facts(lines: ["`\(there.path)` is in the image, and in no directory of the class path"])
        }
        let archives = image.root.entries.filter {
            $0.kind == .file && $0.path.name.suffix(4).elementsEqual(".jar".utf8)
        }
        guard !archives.isEmpty else {
            return Facts(lines: ["the image has no `\(file)`, and no archive that could have it"])
        }
        let shown = archives.prefix(3).map { "`\($0.path)`" }.joined(separator: ", ")
        let more = archives.count > 3 ? " and \(archives.count - 3) more" : ""
        return Facts(lines: ["the image has no `\(file)` outside of archives; its archives are \(shown)\(more)"])
    }
}
