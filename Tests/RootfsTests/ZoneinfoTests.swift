import Diagnostics
import Glibc
import Layers
import TestSupport
import Testing

@testable import Rootfs

@Suite struct ZoneinfoTests {
    @Test("GNU tar lists the same names, kinds, sizes and targets in the archive of zones")
    func sameAsTar() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("zoneinfo.tar.gz", Zoneinfo.embedded)
        let output = try Command("tar", ["--numeric-owner", "--utc", "-tvzf", file]).output()
        let listed = output.split(separator: "\n")
        let ours = try Zoneinfo.entries().map { entry in
            let name = String(entry.path.description.dropFirst("/usr/share/zoneinfo/".count))
            return switch entry.content {
            case .bytes(let bytes): "-rw-r--r-- 0/0 \(bytes.count) 1970-01-01 00:00 \(name)"
            case .symlink(let target):
                "lrwxrwxrwx 0/0 0 1970-01-01 00:00 \(name) -> \(String(decoding: target, as: UTF8.self))"
            default: "drwxr-xr-x 0/0 0 1970-01-01 00:00 \(name)"
            }
        }
        // tar pads its columns.
        #expect(ours == listed.map { $0.split(separator: " ").joined(separator: " ") })
    }

    @Test("Python reads every zone of the layer, and every link's")
    func readByPython() throws {
        let directory = try TemporaryDirectory()
        var zones: [String] = []
        for entry in try Zoneinfo.entries() {
            let name = String(entry.path.description.dropFirst())
            switch entry.content {
            case .directory: try directory.directory(name)
            case .symlink(let target):
                try #require(symlink(String(decoding: target, as: UTF8.self), directory(name)) == 0)
            case .bytes(let bytes): try directory.file(name, bytes)
            default: Issue.record("unexpected entry \(entry.path)")
            }
            if !entry.path.description.contains("."), entry.content != .directory {
                zones.append(String(entry.path.description.dropFirst("/usr/share/zoneinfo/".count)))
            }
        }
        zones.removeAll { $0 == "leapseconds" }
        let program = """
            import sys, zoneinfo, datetime
            zoneinfo.reset_tzpath([sys.argv[1]])
            for name in sys.argv[2:]:
                zone = zoneinfo.ZoneInfo(name)
            print(len(sys.argv) - 2, datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).utcoffset())
            """
        let output = try Tool.python(program, [directory("usr/share/zoneinfo")] + zones)
        #expect(output == "\(zones.count) 2:00:00\n")
        #expect(zones.count > 500)
    }

    @Test(
        "zones that count leap seconds, and a local time, are not in the layer",
        arguments: ["right", "posix", "localtime", "posixrules"]
    )
    func leftOut(name: String) throws {
        #expect(try !Zoneinfo.entries().contains { $0.path.description.hasPrefix("/usr/share/zoneinfo/\(name)") })
    }

    @Test(
        "tables that programs read are in the layer",
        arguments: ["tzdata.zi", "zone.tab", "zone1970.tab", "iso3166.tab", "leapseconds", "leap-seconds.list"]
    )
    func tables(name: String) throws {
        #expect(try Zoneinfo.entries().contains { $0.path.description == "/usr/share/zoneinfo/\(name)" })
    }
}
