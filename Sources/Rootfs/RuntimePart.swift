package import Layers

/// One of the things that the runtime layer brings.
package enum RuntimePart: String, CaseIterable, Hashable, Sendable {
    case certificates = "ca-certificates"
    case zoneinfo
    case accounts
    case nameService = "nsswitch.conf"
    case temporaryDirectory = "/tmp"
    case osRelease = "os-release"

    /// The part that a path of the layer belongs to; `nil` for the directories above all parts.
    package init?(of path: EntryPath) {
        let bytes = path.bytes
        func isBelow(_ places: String...) -> Bool { places.contains { bytes.starts(with: $0.utf8) } }
        if isBelow("etc/ssl/", "usr/lib/ssl/", "etc/pki/") {
            self = .certificates
        } else if isBelow("usr/share/zoneinfo") {
            self = .zoneinfo
        } else if isBelow("etc/passwd", "etc/group", "home", "root") {
            self = .accounts
        } else if isBelow("etc/nsswitch.conf") {
            self = .nameService
        } else if isBelow("tmp") {
            self = .temporaryDirectory
        } else if isBelow("etc/os-release", "usr/lib/os-release") {
            self = .osRelease
        } else {
            return nil
        }
    }

    /// In the layer's history.
    package var title: String {
        switch self {
        case .certificates: "CA certificates"
        case .zoneinfo: "time zones"
        case .accounts: "accounts"
        case .nameService: "name lookup"
        case .temporaryDirectory: "/tmp"
        case .osRelease: "os-release"
        }
    }
}
