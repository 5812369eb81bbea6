package import Diagnostics
package import Findings
import Gate
import Layers
package import OCI

/// What a Kubernetes pod says so that a container of an image runs with the fewest rights, for the `spec` of a pod template.
package struct PodSnippet: Hashable, Sendable {
    struct Mount: Hashable, Sendable {
        let name: String
        let path: String
    }

    struct Port: Hashable, Sendable {
        let number: Int64
        let `protocol`: String

        /// IANA_SVC_NAME, as Kubernetes wants it: at most 15 small letters, digits and hyphens.
        var name: String { "\(`protocol`.lowercased())-\(number)" }
    }

    struct Probe: Hashable, Sendable {
        let words: [String]
        /// Times in seconds, with Docker's own where the image has none: Kubernetes has others.
        let interval: Int64
        let timeout: Int64
        /// `nil` if it begins at once.
        let startPeriod: Int64?
        let retries: Int64
    }

    /// So many mounts and ports are written; an image with more has them for another purpose.
    private static let mostItems = 64

    let user: UserID
    let mounts: [Mount]
    let ports: [Port]
    let probe: Probe?
    /// What cannot be said, or is left to people, a sentence each; in the YAML they are comments of the container.
    let remarks: [String]

    init(user: UserID, mounts: [Mount], ports: [Port], probe: Probe?, remarks: [String]) {
        (self.user, self.mounts, self.ports, self.probe, self.remarks) = (user, mounts, ports, probe, remarks)
    }

    /// - Throws: `user.unknown` if the image's user is a name that it does not have.
    package init(_ root: some ImageRoot, _ execution: ImageConfig.Execution) throws(Diagnostic) {
        guard let user = ContainerUser(execution.user ?? "", in: try UserDatabase(of: root)) else {
            throw Finding(
                .userUnknown,
                "the image's user `\(execution.user ?? "")` is not in its `/etc/passwd` and `/etc/group`",
                hint: "build with a number, such as `--user \(UserID.nonroot)`"
            ).diagnostic
        }
        let wanted = ["/tmp"] + execution.volumes + WritePlaces.ownDirectories(root, user)
        let filled = Self.filled(wanted, in: root)
        let (mountable, refused) = Self.mountable(wanted.filter { !filled.contains($0) })
        let (ports, otherPorts) = Self.ports(execution.exposedPorts)
        let (probe, probeRemark) = Self.probe(execution.healthcheck)
        var remarks = [String]()
        if user.isRoot { remarks.append("Root: the policy \"restricted\" of Pod Security refuses it.") }
        for path in filled.sorted() {
            remarks.append("\(Self.quoted(path)) has files of the image: an empty volume would hide them.")
        }
        remarks += refused + otherPorts + [probeRemark].compactMap(\.self)
        self.init(
            user: user.id,
            mounts: Self.mounts(mountable),
            ports: ports,
            probe: probe,
            remarks: remarks
        )
    }

    // MARK: Volumes

    /// Those of `paths` with files of the image below them.
    private static func filled(_ paths: [String], in root: some ImageRoot) -> Set<String> {
        // One pass over the files, whatever the number of paths.
        let places = Dictionary(grouping: paths.filter { (try? EntryPath(absolute: $0)) != nil }) {
            EntryPath(normalizing: $0)
        }
        var filled = Set<String>()
        for entry in root.entries where entry.kind != .directory {
            var next: EntryPath? = entry.path
            while let place = next {
                if let found = places[place] { filled.formUnion(found) }
                next = place.parent
            }
        }
        return filled
    }

    /// Those of `paths` that Kubernetes mounts something at, each once; and a sentence for what it refuses.
    private static func mountable(_ paths: [String]) -> (paths: [String], refused: [String]) {
        var (mountable, refused, seen) = ([String](), [String](), Set<EntryPath>())
        for path in paths where seen.insert(EntryPath(normalizing: path)).inserted {
            if path.contains(":") {
                refused.append("\(quoted(path)) cannot be mounted: Kubernetes refuses a colon in a path.")
            } else if !path.hasPrefix("/") || EntryPath(normalizing: path).isRoot {
                refused.append("\(quoted(path)) cannot be mounted: it is not a directory below the root.")
            } else {
                mountable.append(path)
            }
        }
        guard mountable.count > mostItems || refused.count > mostItems else { return (mountable, refused) }
        let more = max(mountable.count - mostItems, 0) + max(refused.count - mostItems, 0)
        let rest = ["\(more) more volumes of the image are left out."]
        return (Array(mountable.prefix(mostItems)), refused.prefix(mostItems) + rest)
    }

    private static func mounts(_ paths: [String]) -> [Mount] {
        var mounts = [Mount]()
        for path in paths {
            let label = dnsLabel(path)
            var name = label
            var number = 2
            while mounts.contains(where: { $0.name == name }) {
                name = "\(label.prefix(56))-\(number)"
                number += 1
            }
            mounts.append(Mount(name: name, path: path))
        }
        return mounts
    }

    /// RFC 1123, as Kubernetes wants names: small letters, digits and hyphens, at most 63.
    static func dnsLabel(_ text: String) -> String {
        let words = text.lowercased().utf8.split { !(0x61...0x7A).contains($0) && !(0x30...0x39).contains($0) }
        let label = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-").prefix(63)
        return label.isEmpty ? "data" : String(label.last == "-" ? label.dropLast() : label)
    }

    // MARK: Ports

    private static func ports(_ texts: [String]) -> (ports: [Port], remarks: [String]) {
        var (ports, remarks, seen) = ([Port](), [String](), Set<Port>())
        for text in texts {
            guard let exposed = ExposedPort(text) else {
                remarks.append("The image exposes \(quoted(text)), which Kubernetes does not take for a port.")
                continue
            }
            let port = Port(number: Int64(exposed.number), protocol: exposed.protocol)
            if seen.insert(port).inserted { ports.append(port) }
        }
        ports.sort { ($0.number, $0.protocol) < ($1.number, $1.protocol) }
        if ports.count > mostItems { remarks.append("\(ports.count - mostItems) more ports are left out.") }
        return (Array(ports.prefix(mostItems)), Array(remarks.prefix(mostItems)))
    }

    /// The first port that any user may listen on; `nil` if the image exposes no port below 1024.
    var lowestPort: Int64? { ports.map(\.number).filter { $0 < 1024 }.min() }

    // MARK: Probes

    private static func probe(_ json: JSON?) -> (Probe?, remark: String?) {
        guard let check = json.flatMap({ Healthcheck($0) }), let kind = check.test.first else { return (nil, nil) }
        switch kind {
        case "CMD" where check.test.count > 1: break
        case "CMD-SHELL":
            return (nil, "The image's health check is a line for a shell: write a probe of your own.")
        default: return (nil, nil)
        }
        func seconds(_ member: String) -> Int64? {
            // Kubernetes counts whole seconds, from 1 on; Docker takes 0 for its own default.
            check.times[member].flatMap { $0 > 0 ? max(1, min($0 / 1_000_000_000, Int64(Int32.max))) : nil }
        }
        return (
            Probe(
                words: Array(check.test.dropFirst()),
                interval: seconds("Interval") ?? 30,
                timeout: seconds("Timeout") ?? 30,
                startPeriod: seconds("StartPeriod"),
                retries: check.retries.flatMap { $0 > 0 ? min($0, Int64(Int32.max)) : nil } ?? 3
            ), nil
        )
    }
}
