import ByteIO
package import Diagnostics
import Glibc
import HTTP
import OCI

/// Finds the engine of this machine by its sockets and programs, and by the variables that other programs read.
package struct EngineSearch: Sendable {
    package let environment: [String: String]
    /// The directory below which sockets and folders are; `/`, but for tests.
    let root: FilePath

    package init(_ environment: [String: String]) {
        self.environment = environment
        root = "/"
    }

    /// What a look at one place gave.
    enum Finding {
        case found(FoundEngine)
        /// What is not there.
        case absent(String)
        /// Something is there, and cannot be used.
        case unusable(Diagnostic)
    }

    /// The engine that was asked for, or the first that is there.
    ///
    /// - Parameters:
    ///   - namespace: containerd's, as it was asked for.
    ///   - option: the one that names an engine.
    /// - Throws: `engine.not-found` with all that was looked for; `engine.denied`, `engine.unsupported`, `engine.failed`.
    package func find(
        _ wanted: Engine?,
        namespace: String? = nil,
        option: String = "--to"
    ) async throws(Diagnostic) -> FoundEngine {
        var absent = [String]()
        var unusable: Diagnostic?
        for engine in wanted.map({ [$0] }) ?? order {
            for finding in try await look(for: engine, namespace, isWanted: wanted != nil) {
                switch finding {
                case .found(let found): return found
                case .absent(let text): absent.append(text)
                case .unusable(let problem): unusable = unusable ?? problem
                }
            }
        }
        if let unusable { throw unusable }
        throw Diagnostic(
            .engineNotFound,
            wanted.map { "\($0.rawValue) is not on this machine" } ?? "no engine is on this machine",
            at: .option(option),
            because: "these were looked for: " + absent.joined(separator: ", "),
            hint: wanted == nil
                ? "start one, or write an archive with `coracle copy IMAGE oci-archive:FILE` and take that along"
                : "start it, or leave out `\(option)` to take what is there"
        )
    }

    /// What a variable names comes first, then the engines that people use by hand, then those of clusters.
    private var order: [Engine] {
        let variables: [(String, Engine)] = [
            ("DOCKER_HOST", .docker), ("CONTAINER_HOST", .podman), ("KIND_CLUSTER_NAME", .kind),
            ("CONTAINERD_ADDRESS", .containerd),
        ]
        let named = variables.filter { value($0.0) != nil }.map(\.1)
        return named + [.docker, .podman, .containerd, .k3s].filter { !named.contains($0) }
    }

    private func look(
        for engine: Engine,
        _ namespace: String?,
        isWanted: Bool
    ) async throws(Diagnostic) -> [Finding] {
        switch engine {
        case .docker: try docker()
        case .podman: try podman()
        case .containerd: [containerd(namespace)]
        case .k3s: k3s(isWanted)
        case .kind: [try await kind()]
        case .minikube: [minikube()]
        }
    }

    /// `nil` also for an empty one.
    private func value(_ variable: String) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }

    private func place(_ path: String) -> FilePath { root == "/" ? FilePath(path) : root.appending(path) }

    // MARK: Docker

    private func docker() throws(Diagnostic) -> [Finding] {
        if let host = value("DOCKER_HOST") { return [try address(host, .docker, "DOCKER_HOST")] }
        if let (host, context) = try dockerContext() {
            return [try address(host, .docker, "docker's context `\(context.excerpt)`")]
        }
        var places = [place("/var/run/docker.sock")]
        if let runtime = value("XDG_RUNTIME_DIR") { places.append(FilePath(runtime).appending("docker.sock")) }
        if let home = value("HOME") {
            places.append(FilePath(home).appending(".docker/run/docker.sock"))
            places.append(FilePath(home).appending(".docker/desktop/docker.sock"))
        }
        return places.map { socket($0, .docker) }
    }

    /// The address of the context that `docker` itself would use, and its name; `nil` for its usual one.
    private func dockerContext() throws(Diagnostic) -> (host: String, name: String)? {
        guard
            let directory = value("DOCKER_CONFIG").map({ FilePath($0) })
                ?? value("HOME").map({ FilePath($0).appending(".docker") })
        else { return nil }
        var name = value("DOCKER_CONTEXT")
        if name == nil, let json = document(directory.appending("config.json")) {
            name = try? json.optional("currentContext")?.string()
        }
        guard let name, !name.isEmpty, name != "default" else { return nil }
        let folder = Digest(sha256Of: Array(name.utf8)).hex
        let file = directory.appending("contexts/meta/\(folder)/meta.json")
        guard let json = document(file), let endpoints = try? json.optional("Endpoints")?.optional("docker"),
            let host = try? endpoints.optional("Host")?.string(), !host.isEmpty
        else {
            throw Diagnostic(
                .engineUnsupported,
                "docker's context `\(name.excerpt)` has no address",
                at: .file(path: file.display),
                hint: "set `DOCKER_HOST` to the daemon's socket: `unix:///var/run/docker.sock`"
            )
        }
        return (host, name)
    }

    private func document(_ path: FilePath) -> JSONReader? {
        guard let file = try? OpenFile(path, O_RDONLY), let bytes = try? file.readAll(limit: 4 << 20),
            let json = try? JSON(parsing: bytes, named: path.display)
        else { return nil }
        return JSONReader(json, named: path.display)
    }

    private func address(_ text: String, _ engine: Engine, _ origin: String) throws(Diagnostic) -> Finding {
        if text.hasPrefix("unix://") {
            let path = FilePath(String(text.dropFirst("unix://".count)))
            return socket(path, engine, "\(origin) names it")
        }
        func unsupported(_ reason: String, _ hint: String) -> Diagnostic {
            Diagnostic(
                .engineUnsupported,
                "`\(text.excerpt)` is an address that coracle does not load into",
                at: .option(origin),
                because: reason,
                hint: hint
            )
        }
        let byHand = "write the archive into the program: `coracle copy IMAGE - | docker load`"
        guard text.hasPrefix("tcp://") || text.hasPrefix("http://") else {
            throw unsupported("it is neither a socket nor plain TCP", byHand)
        }
        guard value("DOCKER_TLS_VERIFY") == nil else {
            throw unsupported(
                "DOCKER_TLS_VERIFY asks for certificates of the client, which coracle does not send",
                byHand
            )
        }
        let rest = text.drop { $0 != ":" }.dropFirst(3)
        return .found(
            FoundEngine(
                engine,
                .api(.network(try HTTPURL(parsing: "http://\(rest)"))),
                because: "\(origin) names `\(text.excerpt)`"
            )
        )
    }

    private func socket(_ path: FilePath, _ engine: Engine, _ why: String? = nil) -> Finding {
        let socket = UnixSocket(path)
        guard let error = socket.check() else {
            let reason = why.map { "its socket is \(path.display), as \($0)" } ?? "its socket \(path.display) is there"
            return .found(FoundEngine(engine, .api(.socket(socket)), because: reason))
        }
        return failed(path, error, engine, isNamed: why != nil)
    }

    /// What a socket that cannot be connected to means.
    private func failed(_ path: FilePath, _ error: SystemError, _ engine: Engine, isNamed: Bool = false) -> Finding {
        switch error.number {
        case ENOENT, ENOTDIR, ECONNREFUSED, ENOTSOCK:
            let reason = error.number == ECONNREFUSED ? " (nothing listens there)" : ""
            return .absent("`\(path.display)`\(reason)")
        case EACCES, EPERM:
            let hint =
                engine == .docker
                ? "join the group that owns the socket (`sudo usermod -aG docker NAME`, then log in again), or run coracle as root"
                : "only root may do this: run coracle as root, or with `sudo`"
            return .unusable(
                Diagnostic(
                    .engineDenied,
                    "you may not use the socket of \(engine.rawValue)",
                    at: .file(path: path.display),
                    because: error.description,
                    hint: hint
                )
            )
        default:
            return .unusable(
                Diagnostic(
                    .engineFailed,
                    "the socket of \(engine.rawValue) cannot be used",
                    at: .file(path: path.display),
                    because: error.description
                )
            )
        }
    }

    // MARK: podman

    private func podman() throws(Diagnostic) -> [Finding] {
        if let host = value("CONTAINER_HOST") { return [try address(host, .podman, "CONTAINER_HOST")] }
        if let program = EngineProgram.find("podman", environment) {
            return [
                .found(
                    FoundEngine(.podman, .program(program), because: "its program \(program.path.display) is there")
                )
            ]
        }
        var places = [FilePath]()
        if let runtime = value("XDG_RUNTIME_DIR") { places.append(FilePath(runtime).appending("podman/podman.sock")) }
        places.append(place("/run/podman/podman.sock"))
        return [.absent("the program `podman`")] + places.map { socket($0, .podman) }
    }

    // MARK: containerd

    private func containerd(_ namespace: String?) -> Finding {
        let path = value("CONTAINERD_ADDRESS").map { text in
            FilePath(text.hasPrefix("unix://") ? String(text.dropFirst("unix://".count)) : text)
        }
        return containerd(
            .containerd,
            path ?? place("/run/containerd/containerd.sock"),
            namespace ?? value("CONTAINERD_NAMESPACE") ?? "default",
            programs: [("ctr", [])],
            path == nil ? nil : "CONTAINERD_ADDRESS names it"
        )
    }

    private func containerd(
        _ engine: Engine,
        _ path: FilePath,
        _ namespace: String,
        programs: [(String, [String])],
        _ why: String?
    ) -> Finding {
        if let error = UnixSocket(path).check() { return failed(path, error, engine, isNamed: why != nil) }
        for (name, arguments) in programs {
            guard let program = EngineProgram.find(name, environment) else { continue }
            let words = arguments + ["--address", path.display, "--namespace", namespace, "images", "import", "-"]
            let reason = why.map { "its socket is \(path.display), as \($0)" } ?? "its socket \(path.display) is there"
            return .found(FoundEngine(engine, .program(program.with(words)), because: reason, namespace: namespace))
        }
        return .unusable(
            Diagnostic(
                .engineNotFound,
                "`\(programs[0].0)` is not installed, which loads images into containerd",
                at: .file(path: path.display),
                because: "the socket is there, and no directory of PATH has the program",
                hint: "install it, or add its directory to PATH"
            )
        )
    }

    // MARK: k3s

    private func k3s(_ isWanted: Bool) -> [Finding] {
        let socket = place("/run/k3s/containerd/containerd.sock")
        let folder = FilePath(value("K3S_DATA_DIR") ?? place("/var/lib/rancher/k3s").display).appending("agent/images")
        let first = containerd(.k3s, socket, "k8s.io", programs: [("ctr", []), ("k3s", ["ctr"])], nil)
        if case .found = first { return [first] }
        guard isWanted else { return [first] }
        guard (try? FileStatus(at: folder, following: true))?.kind == .directory else {
            return [first, .absent("the folder `\(folder.display)`")]
        }
        let reason = "its folder \(folder.display) is there, from which it imports when it starts"
        return [.found(FoundEngine(.k3s, .folder(folder), because: reason, namespace: "k8s.io"))]
    }

    // MARK: kind and minikube

    private func kind() async throws(Diagnostic) -> Finding {
        let cluster = value("KIND_CLUSTER_NAME") ?? "kind"
        var missing = [String]()
        for name in kindPrograms {
            guard let program = EngineProgram.find(name, environment) else {
                missing.append("the program `\(name)`")
                continue
            }
            let filter = ["--filter", "label=io.x-k8s.kind.cluster=\(cluster)"]
            // A load balancer has no containerd.
            let format = ["--format", "{{.Names}} {{.Label \"io.x-k8s.kind.role\"}}"]
            var names = [String]()
            for line in try await program.with(["ps"] + filter + format).output().split(whereSeparator: \.isNewline) {
                let words = line.split(separator: " ").map(String.init)
                guard let node = words.first, node.first != "-", words.last != "external-load-balancer" else {
                    continue
                }
                names.append(node)
            }
            names.sort()
            guard !names.isEmpty else {
                missing.append("nodes of the cluster `\(cluster)` in \(name)")
                continue
            }
            let nodes = names.prefix(1000).map { node in
                let words = ["exec", "-i", node, "ctr", "--namespace", "k8s.io", "images", "import", "-"]
                return (name: node, program: program.with(words))
            }
            let why = value("KIND_CLUSTER_NAME") == nil ? "" : ", as KIND_CLUSTER_NAME names it"
            let reason = "\(name) has \(names.count == 1 ? "a node" : "\(names.count) nodes") of `\(cluster)`\(why)"
            return .found(FoundEngine(.kind, .nodes(Array(nodes)), because: reason, namespace: "k8s.io"))
        }
        return .absent(missing.joined(separator: ", "))
    }

    /// The programs whose containers are a cluster's nodes; kind itself reads the same variable.
    private var kindPrograms: [String] {
        switch value("KIND_EXPERIMENTAL_PROVIDER") {
        case "podman": ["podman"]
        case "nerdctl": ["nerdctl"]
        default: ["docker", "podman"]
        }
    }

    private func minikube() -> Finding {
        guard let program = EngineProgram.find("minikube", environment) else {
            return .absent("the program `minikube`")
        }
        let reason = "its program \(program.path.display) is there"
        return .found(FoundEngine(.minikube, .program(program.with(["image", "load", "-"])), because: reason))
    }
}

extension Diagnostic.Code {
    static let engineNotFound = Self("engine.not-found", .notFound)
    static let engineUnsupported = Self("engine.unsupported", .usage)
}
