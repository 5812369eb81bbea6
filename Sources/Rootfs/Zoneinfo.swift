import Archive
import ByteIO
import CBases
import Diagnostics
import Layers

/// The time zones of an image: `/usr/share/zoneinfo`, from Debian's tzdata as it is in coracle itself.
///
/// No `/etc/localtime`: local time is UTC unless the program is given a `TZ`.
enum Zoneinfo {
    static let path = "usr/share/zoneinfo"
    private static let sizeLimit: Int64 = 16 << 20

    /// The archive of zones, a tar compressed with gzip, names relative to `path`.
    static var embedded: [UInt8] {
        var size = 0
        let start = coracle_zoneinfo(&size)
        return Array(UnsafeBufferPointer(start: start, count: size))
    }

    /// - Throws: `gzip.…` or `tar.…`, which no user can cause.
    static func entries() throws(Diagnostic) -> [LayerEntry] {
        let top = EntryPath(unchecked: Array(path.utf8))
        var entries = [LayerEntry]()
        var archive = TarReader(try GzipReader(MemorySource(embedded), limit: sizeLimit))
        while let record = try archive.next() {
            let place = top.appending(record.path)
            switch record.kind {
            case .regular:
                let bytes = try archive.readContent(limit: Int(sizeLimit))
                entries.append(LayerEntry(place, .bytes(bytes), mode: FileModes.plain))
            case .symlink(let target):
                entries.append(LayerEntry(place, .symlink(target: target), mode: FileModes.symlink))
            default: entries.append(LayerEntry(place, .directory, mode: FileModes.directory))
            }
        }
        return entries
    }
}
