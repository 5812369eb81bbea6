package import Diagnostics
package import Findings
import Layers
package import OCI

/// The part of a Kubernetes pod's `spec` with which a container of an image runs with the fewest rights.
package struct KubernetesSnippet: Hashable, Sendable {
    private struct Mount: Hashable, Sendable {
        let name: String
        let path: String
    }

    private let user: ContainerUser
    private let mounts: [Mount]
    /// Where nothing is mounted although the program may want to write there: an empty volume would hide the image's files.
    private let covered: [String]

    /// - Throws: `user.unknown` if the image's user is a name that it does not have.
    package init(_ root: some ImageRoot, _ execution: ImageConfig.Execution) throws(Diagnostic) {
        guard let user = ContainerUser(execution.user ?? "", in: try UserDatabase(of: root)) else {
            throw Finding(
                .userUnknown,
                "the image's user `\(execution.user ?? "")` is not in its `/etc/passwd` and `/etc/group`",
                hint: "build with a number, such as `--user \(UserID.nonroot)`"
            ).diagnostic
        }
        self.user = user
        let wanted = ["/tmp"] + execution.volumes + Self.ownDirectories(root, user)
        let filled = Self.filled(wanted, in: root)
        covered = filled.sorted()
        mounts = Self.mounts(wanted.filter { !filled.contains($0) })
    }

    /// Those of `paths` with files of the image below them.
    private static func filled(_ paths: [String], in root: some ImageRoot) -> Set<String> {
        let places = paths.compactMap { path in (try? EntryPath(absolute: path)).map { (path: path, place: $0) } }
        var filled = Set<String>()
        for entry in root.entries where entry.kind != .directory {
            for (path, place) in places where place.contains(entry.path) { filled.insert(path) }
        }
        return filled
    }

    /// Empty directories of the application that the user may write into: they are there to be written into.
    private static func ownDirectories(_ root: some ImageRoot, _ user: ContainerUser) -> [String] {
        guard !user.isRoot else { return [] }
        var empty = [EntryPath]()
        var directory: EntryPath?
        for entry in root.entries {
            if let path = directory, !path.contains(entry.path) { empty.append(path) }
            let isOwn = entry.kind == .directory && entry.origin.isOfUser && user.may(.write, entry)
            directory = isOwn ? entry.path : nil
        }
        if let directory { empty.append(directory) }
        return empty.compactMap { String(validating: $0.bytes, as: UTF8.self).map { "/" + $0 } }
    }

    private static func mounts(_ paths: [String]) -> [Mount] {
        var mounts = [Mount]()
        for path in paths where !mounts.contains(where: { $0.path == path }) {
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
    private static func dnsLabel(_ text: String) -> String {
        let words = text.lowercased().utf8.split { !(0x61...0x7A).contains($0) && !(0x30...0x39).contains($0) }
        let label = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-").prefix(63)
        return label.isEmpty ? "data" : String(label.last == "-" ? label.dropLast() : label)
    }

    /// YAML in lines, to be merged into a pod's `spec`.
    ///
    /// - Parameter image: a reference; `nil` for an image without a name.
    package func lines(image: String?) -> [String] {
        let name = image.map { Self.dnsLabel(Self.lastComponent($0)) } ?? "app"
        var lines = ["containers:", "  - name: \(Self.quoted(name))"]
        if let image { lines.append("    image: \(Self.quoted(image))") }
        lines += [
            "    securityContext:",
            "      runAsNonRoot: \(!user.isRoot)",
            "      runAsUser: \(user.id.uid)",
            "      runAsGroup: \(user.id.gid)",
            "      allowPrivilegeEscalation: false",
            "      readOnlyRootFilesystem: true",
            "      capabilities:",
            "        drop:",
            "          - ALL",
            "      seccompProfile:",
            "        type: RuntimeDefault",
        ]
        for path in covered {
            lines.append("    # \(Self.quoted(path)) has files of the image: an empty volume would hide them.")
        }
        guard !mounts.isEmpty else { return lines }
        lines.append("    volumeMounts:")
        for mount in mounts {
            lines += ["      - name: \(Self.quoted(mount.name))", "        mountPath: \(Self.quoted(mount.path))"]
        }
        lines.append("volumes:")
        for mount in mounts { lines += ["  - name: \(Self.quoted(mount.name))", "    emptyDir: {}"] }
        return lines
    }

    /// The last component of a reference's path: `server` of `ghcr.io/me/server:1.0@sha256:…`.
    private static func lastComponent(_ reference: String) -> String {
        let name = reference.split(separator: "@").first ?? ""
        return String(name.split(separator: "/").last?.split(separator: ":").first ?? "")
    }

    /// A JSON string is a YAML string, too; a plain `1` or `no` would not be one.
    private static func quoted(_ text: String) -> String {
        String(decoding: JSON.string(text).encoded(), as: UTF8.self)
    }
}
