package import Diagnostics
package import Findings
import Gate
import Layers
import OCI

/// Whether an image has what a pod asks of it: the user, the program, the probes' programs, places to write.
///
/// What is wrong with the image in any pod is a matter of `ImageGate`.
package struct PodCheck<Root: ImageRoot> {
    let container: PodContainer
    /// The image as it says itself how it is started.
    let image: GatedImage<Root>
    /// The image as the pod starts it.
    let started: GatedImage<Root>
    /// Who the process is; `nil` if a name is in no account file of the image.
    let user: ContainerUser?
    let users: UserDatabase

    /// - Throws: what keeps the image's accounts from being read.
    package init(_ image: GatedImage<Root>, _ container: PodContainer) throws(Diagnostic) {
        self.image = image
        self.container = container
        started = GatedImage(
            root: image.root,
            platform: image.platform,
            execution: container.execution(over: image.execution),
            base: image.base
        )
        users = try UserDatabase(of: image.root)
        let security = container.security
        user = ContainerUser(Self.text(security, image.execution.user ?? ""), in: users)?.joining(
            ([security.fsGroup].compactMap(\.self) + security.supplementalGroups).compactMap { UInt32(exactly: $0) }
        )
    }

    /// `USER[:GROUP]` as the kubelet hands it to the engine.
    private static func text(_ security: PodContainer.Security, _ own: String) -> String {
        let parts = own.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = security.runAsUser.map(String.init) ?? String(parts.first ?? "")
        let ownGroup = security.runAsUser == nil && parts.count == 2 ? String(parts[1]) : nil
        guard let group = security.runAsGroup.map(String.init) ?? ownGroup else { return name }
        return "\(name):\(group)"
    }

    /// What the image cannot meet, in the order in which it is reported.
    ///
    /// - Throws: what keeps a file from being read.
    package func findings() throws(Diagnostic) -> [Finding] {
        var findings = nonRoot + (try start()) + hidden
        for probe in container.probes { findings += try self.probe(probe) }
        findings += try readOnly()
        return ImageGate.sorted(findings + lowPorts + otherPorts + pull)
    }

    // MARK: Who it is

    /// kubelet, `verifyRunAsNonRoot`.
    private var nonRoot: [Finding] {
        let security = container.security
        guard security.runAsNonRoot == true else { return [] }
        if let number = security.runAsUser {
            guard number == 0 else { return [] }
            return [
                Finding(
                    .podNonRoot,
                    "\(subject) has `runAsNonRoot: true` and `runAsUser: 0`",
                    because: "the kubelet says: container's runAsUser breaks non-root policy",
                    hint: "take `runAsUser` out, or give the number of another user"
                )
            ]
        }
        let said = image.execution.user ?? ""
        let name = said.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        if !name.isEmpty, UserID.number(name) == nil {
            return [
                Finding(
                    .podNonRoot,
                    "\(subject) has `runAsNonRoot: true`, and the image's user is the name `\(name)`",
                    because:
                        "the kubelet says: image has non-numeric user (\(name)), cannot verify user is non-root",
                    hint: (user.map { "set `runAsUser: \($0.id.uid)` in the pod, or " } ?? "")
                        + "build the image with a number, such as `--user \(user.map(\.description) ?? "\(UserID.nonroot)")`"
                )
            ]
        }
        guard user?.isRoot ?? true else { return [] }
        return [
            Finding(
                .podNonRoot,
                "\(subject) has `runAsNonRoot: true`, and the image runs as root",
                because: "the kubelet says: container has runAsNonRoot and image will run as root",
                hint: "build the image with `--user \(UserID.nonroot)`, or set `runAsUser` in the pod"
            )
        ]
    }

    // MARK: What it starts

    private func start() throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        let words = started.execution.words
        guard PodContainer.isKnown(words) else { return [] }
        if container.startsOther, !isMounted(words[0], in: started.execution) {
            findings += try ImageGate.startErrors(in: started).map {
                Self.because($0, .podStart, "\(subject) starts ", words)
            }
        }
        guard findings.isEmpty, let user, container.startsOther || user.id != own?.id else { return findings }
        // What the image's own user may not do either is a matter of the gate.
        let known = Set(try ownDenials().map(\.path))
        return try ImageGate.denials(to: user, in: started)
            .filter { !known.contains($0.path) && !isMounted($0.path) }
            .map { finding in
                Finding(
                    .podUser,
                    "\(subject): \(finding.summary)",
                    in: finding.path,
                    as: finding.severity,
                    because: finding.reason,
                    hint: container.security.runAsUser == nil && container.security.runAsGroup == nil
                        ? finding.hint
                        : "leave the image's own user (\(own.map(\.description) ?? "unknown")), or build the image so that "
                            + "every user may read it, with `--chmod 0755`"
                )
            }
    }

    /// The image's own user.
    private var own: ContainerUser? { ContainerUser(image.execution.user ?? "", in: users) }

    private func ownDenials() throws(Diagnostic) -> [Finding] {
        guard !container.startsOther, let own else { return [] }
        return try ImageGate.denials(to: own, in: image)
    }

    private static func because(_ finding: Finding, _ rule: Rule, _ start: String, _ words: [String]) -> Finding {
        let line = words.prefix(4).joined(separator: " ") + (words.count > 4 ? " …" : "")
        let asksShell =
            words.first?.split(separator: "/").last.map { ["sh", "bash", "ash", "dash"].contains($0) } ?? false
        return Finding(
            rule,
            "\(start)`\(line)`, which does not start in the image",
            in: finding.path,
            // The words of the rule are about the image's own start.
            because: finding.rule == .programMissing
                ? finding.reason : finding.summary + (finding.reason.map { ": \($0)" } ?? ""),
            hint: asksShell
                ? "name a program of the image, as a list of words and without a shell; or stand on a base that has one"
                : "name a program of the image by its whole path, or add it with `--add`"
        )
    }

    /// A volume over the program: an empty one hides it in any case.
    private var hidden: [Finding] {
        guard let program = ProgramSearch(started).entrypoint else { return [] }
        return container.mounts.compactMap { mount in
            guard !mount.isPart, EntryPath(normalizing: mount.path).contains(program.path) else { return nil }
            let isEmpty = mount.kind == "emptyDir"
            return Finding(
                .podHidden,
                "\(subject) mounts a volume at `\(mount.path)`, which hides `\(program.path)`",
                in: program.path,
                as: isEmpty ? .error : nil,
                because: isEmpty
                    ? "an `emptyDir` is empty, and the program is what starts"
                    : "the container sees what the volume has there, and not what the image has",
                hint: "mount it at a directory of its own, such as `\(mount.path == "/" ? "" : mount.path)/data`"
            )
        }
    }

    // MARK: Probes

    private func probe(_ probe: PodContainer.Probe) throws(Diagnostic) -> [Finding] {
        switch probe.action {
        case .exec(let words):
            guard PodContainer.isKnown(words), !isMounted(words[0], in: started.execution) else { return [] }
            var execution = started.execution
            (execution.entrypoint, execution.cmd) = (words, nil)
            let probed = GatedImage(
                root: image.root,
                platform: image.platform,
                execution: execution,
                base: image.base
            )
            var findings = try ImageGate.startErrors(in: probed)
            if findings.isEmpty, let user {
                findings = try NonRootProof(image.root, execution, as: user).findings()
                    .filter { $0.rule == .userPermissionDenied }
            }
            return findings.map { Self.because($0, .podProbe, "\(subject): its `\(probe.name)` starts ", words) }
        case .port(let text, let kind):
            if let number = UInt16(text) {
                let exposed = image.execution.exposedPorts
                guard !exposed.isEmpty, !exposes(Int64(number), "TCP") else { return [] }
                return [
                    Finding(
                        .podProbePort,
                        "\(subject): its `\(probe.name)` asks port \(number), which the image does not expose",
                        as: .note,
                        because: "the image exposes \(exposed.prefix(5).joined(separator: ", "))",
                        hint: "ask a port that the program listens on; `--expose \(number)` records that it does"
                    )
                ]
            }
            guard !container.ports.contains(where: { $0.name == text }) else { return [] }
            let names = container.ports.compactMap(\.name).prefix(5).map { "`\($0)`" }.joined(separator: ", ")
            return [
                Finding(
                    .podProbePort,
                    "\(subject): the `\(kind)` of its `\(probe.name)` asks the port `\(text)`, and no port is called that",
                    because: names.isEmpty
                        ? "the container's `ports` have no names: the probe fails for ever"
                        : "its ports are called \(names): the probe fails for ever",
                    hint: "give a port of the container this name, or ask by its number"
                )
            ]
        }
    }

    // MARK: Where it writes

    private func readOnly() throws(Diagnostic) -> [Finding] {
        guard container.security.readOnlyRootFilesystem == true else { return [] }
        return try WritePlaces.all(in: started, for: own).compactMap { place in
            let target = EntryPath(normalizing: place.path)
            // The innermost mount is what the program sees.
            let mount = container.mounts.filter { EntryPath(normalizing: $0.path).contains(target) }
                .max { EntryPath(normalizing: $0.path).bytes.count < EntryPath(normalizing: $1.path).bytes.count }
            if let mount, !mount.isReadOnly { return nil }
            let isVolume = image.execution.volumes.contains(place.path)
            return Finding(
                .podReadOnly,
                "\(subject) may not write `\(place.path)`: read-only file system",
                in: target,
                because: place.reason
                    + (mount.map { ", and the volume at `\($0.path)` is mounted read-only" }
                        ?? (isVolume
                            ? ", and nothing is mounted there: containerd would make a volume of its own, CRI-O would not"
                            : ", and nothing is mounted there")),
                hint: "mount an `emptyDir` at `\(place.path)`, as `coracle check IMAGE --kubernetes` prints it"
            )
        }
    }

    // MARK: Ports

    private var lowPorts: [Finding] {
        let security = container.security
        guard let user, !container.usesHostNetwork || !user.isRoot else { return [] }
        if security.privileged == true { return [] }
        let first = security.sysctls["net.ipv4.ip_unprivileged_port_start"].flatMap { Int64($0) } ?? 1024
        func has(_ names: [String], _ capability: String) -> Bool {
            names.contains { ["ALL", capability, "CAP_\(capability)"].contains($0.uppercased()) }
        }
        let isAdded = has(security.addedCapabilities, "NET_BIND_SERVICE")
        let isDropped = has(security.droppedCapabilities, "NET_BIND_SERVICE")
        if user.isRoot, isAdded || !isDropped { return [] }
        // A capability of the container reaches a program of another user than root by the file's own capabilities alone, and
        // those do not count where rights may not grow.
        if isAdded, security.allowPrivilegeEscalation != false { return [] }
        let numbers = container.ports.map(\.number) + exposedNumbers
        let low = Set(numbers.filter { (1..<min(first, 1024)).contains($0) }).sorted()
        return low.map { number in
            Finding(
                .podLowPort,
                "\(subject): user \(user) may not listen on port \(number) everywhere",
                because: user.isRoot
                    ? "its capabilities are dropped, NET_BIND_SERVICE among them"
                    : "below 1024 it needs the sysctl net.ipv4.ip_unprivileged_port_start, which Docker and containerd from 2.0 on "
                        + "set by themselves"
                        + (isAdded ? "; NET_BIND_SERVICE has no effect with `allowPrivilegeEscalation: false`" : ""),
                hint: "listen on a port from 1024 on, or give the pod's `securityContext` the sysctl "
                    + "`net.ipv4.ip_unprivileged_port_start: \"\(number)\"`"
            )
        }
    }

    private var otherPorts: [Finding] {
        let exposed = image.execution.exposedPorts
        guard !exposed.isEmpty else { return [] }
        return container.ports.filter { !exposes($0.number, $0.protocol) }.map { port in
            Finding(
                .podPort,
                "\(subject) names port \(port.number)/\(port.protocol.lowercased()), which the image does not expose",
                because: "the image exposes \(exposed.prefix(5).joined(separator: ", "))",
                hint: "compare it with what the program listens on; neither opens a port"
            )
        }
    }

    private func exposes(_ number: Int64, _ proto: String) -> Bool {
        image.execution.exposedPorts.contains { text in
            guard let port = ExposedPort(text) else { return false }
            return Int64(port.number) == number && port.protocol == proto.uppercased()
        }
    }

    private var exposedNumbers: [Int64] {
        image.execution.exposedPorts.compactMap { ExposedPort($0).map { Int64($0.number) } }
    }

    // MARK: Where it comes from

    private var pull: [Finding] {
        guard let text = container.image, !text.contains("@") else { return [] }
        let name = text.split(separator: "/").last ?? ""
        let isLatest = !name.contains(":") || name.hasSuffix(":latest")
        guard isLatest, container.pullPolicy == nil else { return [] }
        return [
            Finding(
                .podPull,
                "\(subject) pulls `\(text)` at every start",
                because:
                    "without a tag, or with `latest`, `imagePullPolicy` is `Always`: an image that was loaded into the node is "
                    + "not taken",
                hint: "name another tag or a digest, or set `imagePullPolicy: IfNotPresent`"
            )
        ]
    }

    // MARK: Words

    private var subject: String { "container `\(container.name)`" }

    /// Whether a volume may have what `name` means.
    private func isMounted(_ name: String, in execution: ImageConfig.Execution) -> Bool {
        execution.candidates(for: name).contains { isMounted(EntryPath(normalizing: $0)) }
    }

    private func isMounted(_ path: EntryPath?) -> Bool {
        guard let path else { return false }
        return container.mounts.contains { EntryPath(normalizing: $0.path).contains(path) }
    }
}
