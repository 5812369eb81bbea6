import Diagnostics
import Findings
import Layers
import Needs
import OCI

/// Whether the image has what its programs ask for while they run.
///
/// Linking is not calling: nothing is refused for it.
struct NeedsCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    private let user: ContainerUser?

    init(_ image: GatedImage<Root>) throws(Diagnostic) {
        self.image = image
        user = ContainerUser(image.execution.user ?? "", in: try UserDatabase(of: image.root))
    }

    func findings() throws(Diagnostic) -> [Finding] {
        let lacking = Need.allCases.filter(isLacking)
        guard !lacking.isEmpty else { return [] }
        var findings = [Finding]()
        let start = ProgramSearch(image).entrypoint
        for entry in image.root.entries where entry.kind == .file {
            guard entry.origin.isOfUser || entry.path == start?.path else { continue }
            guard entry.mayBeLoaded, let needs = try image.root.needs(of: entry) else { continue }
            for need in lacking { findings += finding(need, needs[need], in: entry).map { [$0] } ?? [] }
        }
        if lacking.contains(.zones), let variable = namedZone { findings.append(zoneOfEnvironment(variable)) }
        return findings
    }

    private func finding(_ need: Need, _ answer: NeedAnswer, in entry: RootEntry) -> Finding? {
        let isCertain = if case .needed = answer { true } else { false }
        let isLikely = if case .likely = answer { true } else { false }
        let program = "`\(entry.path)`"
        switch need {
        case .certificates where isCertain || isLikely:
            return Finding(
                .noAuthorities,
                "\(program) verifies certificates, and the image has no certificate authorities",
                in: entry.path,
                because: "it \(answer.reason); TLS connections will end in "
                    + "`x509: certificate signed by unknown authority` or the like",
                hint:
                    "leave out `--no-ca` and `--no-runtime`, or give `--ca-only FILE` in their place"
            )
        case .zones where isCertain:
            return Finding(
                .noZones,
                "\(program) loads time zones by name, and the image has none",
                in: entry.path,
                because: "it \(answer.reason), which will fail with `unknown time zone Europe/Paris` or the like",
                hint: "leave out `--no-zoneinfo` and `--no-runtime`, or build them in: Go with `-tags timetzdata`"
            )
        case .accounts where isCertain:
            return Finding(
                .noAccounts,
                "\(program) looks up users, and the image has no /etc/passwd",
                in: entry.path,
                because: "it \(answer.reason), which will fail with `user: unknown userid 65532` or the like",
                hint: "leave out `--no-runtime`, or add the file with `--add passwd:/etc/passwd`"
            )
        case .temporaryFiles where isCertain:
            return Finding(
                .noTemporaryDirectory,
                "\(program) writes temporary files, and it has no directory for them",
                in: entry.path,
                because: "it \(answer.reason), and \(temporaryDirectoryProblem ?? "there is none")",
                hint: "leave out `--no-runtime`, set `--env TMPDIR=DIR`, or mount an `emptyDir` at `/tmp`"
            )
        case .shell where isCertain || isLikely:
            return Finding(
                .noShell,
                "\(program) may start a shell, and the image has none",
                in: entry.path,
                because: "it \(answer.reason)",
                hint: "make sure that it works without a shell, or stand on a base that has one"
            )
        default: return nil
        }
    }

    private func zoneOfEnvironment(_ variable: String) -> Finding {
        Finding(
            .noZones,
            "the image sets `\(variable)`, and has no time zones",
            because: "programs that read it take UTC, or fail with `unknown time zone`",
            hint: "leave out `--no-zoneinfo` and `--no-runtime`"
        )
    }

    // MARK: What the image has

    private func isLacking(_ need: Need) -> Bool {
        switch need {
        case .certificates: !hasCertificates
        case .zones: !hasZones
        case .accounts: !isFile("/etc/passwd")
        case .temporaryFiles: temporaryDirectoryProblem != nil
        case .shell: image.root.resolve(KnownPlaces.shell) == nil
        // Without a configuration, Go and the C library ask the hosts file and DNS.
        case .nameLookup: false
        // Without them, programs know the most common types, and look at the content of the others.
        case .mediaTypes: false
        }
    }

    private func variable(_ name: String) -> String? {
        image.execution.value(of: name)
    }

    private func isFile(_ path: String) -> Bool {
        guard let entry = image.root.resolve(path) else { return false }
        return entry.kind == .file && entry.size > 0
    }

    /// Whether there is a file in the directory `path`.
    private func hasFiles(in path: String) -> Bool {
        guard let directory = image.root.resolve(path), directory.kind == .directory else { return false }
        return image.root.entries.contains { entry in
            entry.kind == .file && entry.size > 0 && directory.path.contains(entry.path)
        }
    }

    private var hasCertificates: Bool {
        if (KnownPlaces.bundles + [variable("SSL_CERT_FILE")].compactMap(\.self)).contains(where: isFile) {
            return true
        }
        return (KnownPlaces.certificateDirectories + [variable("SSL_CERT_DIR")].compactMap(\.self)).contains(
            where: hasFiles
        )
    }

    private var hasZones: Bool {
        if let place = variable("ZONEINFO"), image.root.resolve(place) != nil { return true }
        return (KnownPlaces.zones + [variable("TZDIR")].compactMap(\.self)).contains(where: hasFiles)
    }

    /// `TZ=Europe/Paris`, where the variable names a zone that is to be looked up.
    private var namedZone: String? {
        guard let zone = variable("TZ"), zone.contains("/"), !zone.hasPrefix("/"), !zone.hasPrefix(":/") else {
            return nil
        }
        return "TZ=\(zone)"
    }

    /// Why the image's user cannot write temporary files; `nil` if it can.
    private var temporaryDirectoryProblem: String? {
        let path = variable("TMPDIR") ?? "/tmp"
        // A volume is a directory that anyone may write in, made when the container starts.
        if image.execution.volumes.contains(path) { return nil }
        guard let entry = image.root.resolve(path) else { return "there is no `\(path)`" }
        guard entry.kind == .directory else { return "`\(path)` is not a directory" }
        // A user that the image does not have is a finding of its own.
        guard let user else { return nil }
        guard user.may(.write, entry), user.may(.execute, entry) else {
            return "user \(user) may not write in `\(path)` (mode \(entry.modeText))"
        }
        return nil
    }
}
