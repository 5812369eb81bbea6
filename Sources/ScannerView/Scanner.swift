/// A scanner that looks up packages by the documents that others write.
///
/// What each reads was found by running it (trivy 0.76, syft 1.18, which reads documents for grype) and in its sources
/// (grype, osv-scanner).
package enum Scanner: String, CaseIterable, Hashable, Sendable {
    case trivy
    case grype
    case osv = "osv-scanner"

    /// Types of package URLs that it has data for.
    private var types: Set<String> {
        switch self {
        case .trivy:
            [
                "apk", "bitnami", "cargo", "cocoapods", "composer", "conan", "conda", "deb", "gem", "golang", "hex",
                "k8s",
                "maven", "npm", "nuget", "pub", "pypi", "rpm", "swift",
            ]
        case .grype:
            [
                "alpm", "apk", "bitnami", "cargo", "composer", "conan", "deb", "gem", "golang", "hex", "maven", "npm",
                "nuget", "pub", "pypi", "rpm", "swift",
            ]
        case .osv:
            [
                "apk", "cargo", "composer", "conan", "cran", "deb", "gem", "golang", "hackage", "hex", "maven", "npm",
                "nuget", "pub", "pypi", "rpm", "swift",
            ]
        }
    }

    /// Whether it has data about packages of this type.
    func knows(_ url: ReadPackageURL) -> Bool { types.contains(url.type) }

    /// Whether it looks at a component or package of this type, in a document of this format.
    func looks(at type: String?, in format: ScannedDocument.Format) -> Bool {
        guard format == .cyclonedx, let type else { return true }
        switch self {
        case .trivy:
            return ["application", "container", "file", "framework", "library", "platform"].contains(type)
        case .grype: return ["application", "framework", "library"].contains(type)
        case .osv: return true
        }
    }

    /// Whether it reads documents of this format in this version.
    func reads(_ format: ScannedDocument.Format, _ version: String) -> Bool {
        switch format {
        case .spdx: ["2.1", "2.2", "2.3"].contains(version)
        case .cyclonedx:
            ["1.2", "1.3", "1.4", "1.5", "1.6"].contains(version) || version == "1.7" && self != .grype
        }
    }

    /// Names of operating systems that trivy has data for, and whether their releases have numbers.
    static let systems: [String: Bool] = [
        "alma": true, "alpine": true, "amazon": true, "azurelinux": true, "bottlerocket": true, "cbl-mariner": true,
        "centos": true, "chainguard": false, "debian": true, "echo": false, "fedora": true, "minimos": false,
        "opensuse": true, "opensuse-leap": true, "opensuse-tumbleweed": false, "opensuse.leap": true,
        "opensuse.tumbleweed": false, "oracle": true, "photon": true, "redhat": true, "rocky": true,
        "slem": true, "sles": true, "suse linux enterprise micro": true, "suse linux enterprise server": true,
        "ubuntu": true, "wolfi": false,
    ]
}
