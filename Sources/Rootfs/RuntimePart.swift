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
        guard let place = Self.places.first(where: { path.bytes.starts(with: $0.prefix) }) else { return nil }
        self = place.part
    }

    private struct Place {
        let prefix: [UInt8]
        let part: RuntimePart

        init(_ prefix: String, _ part: RuntimePart) {
            self.prefix = Array(prefix.utf8)
            self.part = part
        }
    }

    private static let places = [
        Place("usr/share/zoneinfo", .zoneinfo),
        Place("etc/ssl/", .certificates),
        Place("usr/lib/ssl/", .certificates),
        Place("etc/pki/", .certificates),
        Place("etc/passwd", .accounts),
        Place("etc/group", .accounts),
        Place("home", .accounts),
        Place("root", .accounts),
        Place("etc/nsswitch.conf", .nameService),
        Place("tmp", .temporaryDirectory),
        Place("etc/os-release", .osRelease),
        Place("usr/lib/os-release", .osRelease),
    ]

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
