import CBases
import Diagnostics
import Layers

/// The time zones of an image: `/usr/share/zoneinfo`, from Debian's tzdata as it is in coracle itself.
///
/// No `/etc/localtime`: local time is UTC unless the program is given a `TZ`.
enum Zoneinfo {
    static let path = "usr/share/zoneinfo"

    /// The archive of zones, names relative to `path`.
    static var embedded: [UInt8] {
        var size = 0
        let start = coracle_zoneinfo(&size)
        return Array(UnsafeBufferPointer(start: start, count: size))
    }

    /// - Throws: `zoneinfo.malformed`, which no user can cause.
    static func entries() throws(Diagnostic) -> [LayerEntry] {
        let top = EntryPath(unchecked: Array(path.utf8))
        return try ZoneinfoArchive(embedded).members().map { member in
            let place = top.appending(member.name)
            return switch member.content {
            case .directory: LayerEntry(place, .directory, mode: 0o755)
            case .file(let bytes): LayerEntry(place, .bytes(bytes), mode: 0o644)
            case .symlink(let target): LayerEntry(place, .symlink(target: target), mode: 0o777)
            }
        }
    }
}
