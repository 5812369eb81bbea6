package import Diagnostics
import OCI
import YAML

extension PodContainer {
    /// Largest file with pods, in bytes.
    package static let sizeLimit = 8 << 20
    /// So many containers of a file are read; a larger one is refused.
    package static let countLimit = 1000

    /// The containers of every pod and every pod template in a file of Kubernetes: of a Pod, a Deployment, a CronJob, a `List`,
    /// and of what else has `containers`, in the order of the file.
    ///
    /// Values of other kinds than Kubernetes wants are passed over: the cluster refuses them, and says it better.
    /// - Parameter name: what messages call the file.
    /// - Throws: `yaml.…` with line and column; `pods.too-many`.
    package static func all(in bytes: [UInt8], named name: String) throws(Diagnostic) -> [PodContainer] {
        let scalars = try YAMLScalar.all(in: bytes, named: name, limit: sizeLimit)
        var containers = [PodContainer]()
        var documents = [(number: Int, root: Node)]()
        for scalar in scalars {
            if documents.last?.number != scalar.document { documents.append((scalar.document, Node())) }
            for path in [scalar.path] + scalar.aliases { documents.last?.root.insert(scalar, at: path[...]) }
        }
        for document in documents { document.root.collect(into: &containers) }
        guard containers.count <= countLimit else {
            throw Diagnostic(
                .podsTooMany,
                "`\(name)` has too many containers",
                at: .file(path: name),
                because: "it has \(containers.count); the limit is \(countLimit)",
                hint: "give the file in parts"
            )
        }
        return containers
    }

    fileprivate init(_ node: Node, of pod: Node) {
        self.init(name: node["name"]?.text ?? "", image: node["image"]?.text)
        line = node["image"]?.line
        pullPolicy = node["imagePullPolicy"]?.text.flatMap(PullPolicy.init)
        command = node["command"]?.strings
        arguments = node["args"]?.strings
        workingDirectory = node["workingDir"]?.text
        environment = (node["env"]?.elements ?? []).compactMap { variable in
            guard let name = variable["name"]?.text, let value = variable["value"]?.text else { return nil }
            return (name, value)
        }
        security = Security(pod["securityContext"], node["securityContext"])
        usesHostNetwork = pod["hostNetwork"]?.flag ?? false
        ports = (node["ports"]?.elements ?? []).compactMap { port in
            guard let number = port["containerPort"]?.number else { return nil }
            return Port(number, named: port["name"]?.text, protocol: port["protocol"]?.text ?? "TCP")
        }
        let probed = ["livenessProbe", "readinessProbe", "startupProbe"].map { ($0, node[$0]) }
        let hooks = ["postStart", "preStop"].map { ("lifecycle.\($0)", node["lifecycle"]?[$0]) }
        probes = (probed + hooks).compactMap { name, probe in probe?.action.map { Probe(name, $0) } }
        let volumes = pod["volumes"]?.elements ?? []
        mounts = (node["volumeMounts"]?.elements ?? []).compactMap { mount in
            guard let path = mount["mountPath"]?.text, let name = mount["name"]?.text else { return nil }
            let kind = volumes.first { $0["name"]?.text == name }.map { volume in
                // `emptyDir: {}` has no text, and leaves nothing here.
                volume.keys.first { $0 != "name" } ?? "emptyDir"
            }
            let isReadable = ["configMap", "secret", "projected", "downwardAPI", "image"].contains(kind)
            return Mount(
                path,
                isReadOnly: isReadable || mount["readOnly"]?.flag == true,
                kind: kind,
                isPart: mount["subPath"] != nil || mount["subPathExpr"] != nil
            )
        }
    }
}

extension PodContainer.Security {
    fileprivate init(_ pod: Node?, _ container: Node?) {
        func value(_ key: String) -> Node? { container?[key] ?? pod?[key] }
        runAsNonRoot = value("runAsNonRoot")?.flag
        runAsUser = value("runAsUser")?.number
        runAsGroup = value("runAsGroup")?.number
        readOnlyRootFilesystem = container?["readOnlyRootFilesystem"]?.flag
        allowPrivilegeEscalation = container?["allowPrivilegeEscalation"]?.flag
        privileged = container?["privileged"]?.flag
        addedCapabilities = container?["capabilities"]?["add"]?.strings ?? []
        droppedCapabilities = container?["capabilities"]?["drop"]?.strings ?? []
        fsGroup = pod?["fsGroup"]?.number
        supplementalGroups = pod?["supplementalGroups"]?.elements.compactMap(\.number) ?? []
        for sysctl in pod?["sysctls"]?.elements ?? [] {
            if let name = sysctl["name"]?.text { sysctls[name] = sysctl["value"]?.text }
        }
    }
}

/// A value of a document, put together from the texts in it.
private final class Node {
    private(set) var text: String?
    private(set) var line: Int?
    private var members: [String: Node] = [:]
    /// In the order of the file.
    private(set) var keys: [String] = []
    private var places: [Int: Node] = [:]

    func insert(_ scalar: YAMLScalar, at path: ArraySlice<YAMLScalar.Step>) {
        guard let step = path.first else {
            (text, line) = (scalar.text, scalar.mark.line)
            return
        }
        let next: Node
        switch step {
        case .key(let key):
            if let known = members[key] {
                next = known
            } else {
                next = Node()
                members[key] = next
                keys.append(key)
            }
        case .element(let place):
            next = places[place] ?? Node()
            places[place] = next
        case .other: return
        }
        next.insert(scalar, at: path.dropFirst())
    }

    /// In order, without those that have no text in them, as an empty mapping.
    var elements: [Node] { places.sorted { $0.key < $1.key }.map(\.value) }

    subscript(key: String) -> Node? { members[key] }

    var strings: [String] { elements.compactMap(\.text) }
    var number: Int64? { text.flatMap { Int64($0) } }

    /// As YAML 1.1 reads it, which Kubernetes does.
    var flag: Bool? {
        switch text?.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }

    var action: PodContainer.Probe.Action? {
        if let words = self["exec"]?["command"]?.strings { return .exec(words) }
        for kind in ["httpGet", "tcpSocket", "grpc"] {
            if let port = self[kind]?["port"]?.text { return .port(port, by: kind) }
        }
        return nil
    }

    /// Adds the containers of what is a pod's specification, here and below.
    func collect(into containers: inout [PodContainer]) {
        for key in ["initContainers", "containers", "ephemeralContainers"] {
            for container in self[key]?.elements ?? [] { containers.append(PodContainer(container, of: self)) }
        }
        for key in keys where !["initContainers", "containers", "ephemeralContainers"].contains(key) {
            members[key]?.collect(into: &containers)
        }
        for element in elements { element.collect(into: &containers) }
    }
}

extension Diagnostic.Code {
    static let podsTooMany = Self("pods.too-many", .input)
}
