import Layers
import Testing

@testable import Rootfs

@Suite struct RuntimeLayerTests {
    private static let bare = RuntimeOptions(certificates: .none, includesZoneinfo: false)

    @Test("without certificates and zones the layer is accounts, name lookup, os-release and directories")
    func bare() throws {
        let lines = try RuntimeLayer.entries(Self.bare).map(line)
        #expect(
            lines == [
                "755 0:0 / directory",
                "755 0:0 /etc directory",
                "644 0:0 /etc/group file",
                "644 0:0 /etc/nsswitch.conf file",
                "777 0:0 /etc/os-release -> ../usr/lib/os-release",
                "644 0:0 /etc/passwd file",
                "755 0:0 /home directory",
                "700 65532:65532 /home/nonroot directory",
                "700 0:0 /root directory",
                "1777 0:0 /tmp directory",
                "755 0:0 /usr directory",
                "755 0:0 /usr/lib directory",
                "644 0:0 /usr/lib/os-release file",
            ]
        )
    }

    @Test("certificates are one file and three relative links to it")
    func certificates() throws {
        let options = RuntimeOptions(certificates: .bundle([1, 2, 3]), includesZoneinfo: false)
        let bare = Set(try RuntimeLayer.entries(Self.bare))
        let added = try RuntimeLayer.entries(options).filter { !bare.contains($0) }
        #expect(
            added.map(line) == [
                "755 0:0 /etc/pki directory",
                "755 0:0 /etc/pki/tls directory",
                "755 0:0 /etc/pki/tls/certs directory",
                "777 0:0 /etc/pki/tls/certs/ca-bundle.crt -> ../../../ssl/certs/ca-certificates.crt",
                "755 0:0 /etc/ssl directory",
                "777 0:0 /etc/ssl/cert.pem -> certs/ca-certificates.crt",
                "755 0:0 /etc/ssl/certs directory",
                "644 0:0 /etc/ssl/certs/ca-certificates.crt file",
                "755 0:0 /usr/lib/ssl directory",
                "777 0:0 /usr/lib/ssl/cert.pem -> ../../../etc/ssl/certs/ca-certificates.crt",
            ]
        )
        #expect(added.contains { $0.content == .bytes([1, 2, 3]) })
    }

    @Test("zones add their own directory and nothing elsewhere")
    func zones() throws {
        let bare = Set(try RuntimeLayer.entries(Self.bare))
        let added = try RuntimeLayer.entries(RuntimeOptions(certificates: .none)).filter { !bare.contains($0) }
        #expect(added.first?.path.description == "/usr/share")
        #expect(added.dropFirst().allSatisfy { $0.path.description.hasPrefix("/usr/share/zoneinfo") })
        #expect(added.contains { $0.path.description == "/usr/share/zoneinfo/Europe/Berlin" })
    }

    @Test("the entries are sorted, no path is twice, and every parent comes first as a directory")
    func order() throws {
        let entries = try RuntimeLayer.entries()
        for (entry, next) in zip(entries, entries.dropFirst()) { #expect(entry.path < next.path) }
        var directories: Set<EntryPath> = []
        for entry in entries {
            if let parent = entry.path.parent { #expect(directories.contains(parent), "\(entry.path)") }
            if entry.content == .directory { directories.insert(entry.path) }
        }
        #expect(directories.contains(.root))
    }

    @Test("every entry is of 1970, and only nonroot's home is not root's")
    func timesAndOwners() throws {
        let entries = try RuntimeLayer.entries()
        #expect(entries.allSatisfy { $0.modified == 0 })
        #expect(entries.filter { $0.uid != 0 || $0.gid != 0 }.map(\.path.description) == ["/home/nonroot"])
    }

    @Test("the same options give the same entries")
    func reproducible() throws {
        #expect(try RuntimeLayer.entries() == RuntimeLayer.entries())
    }

    @Test("every link is relative and ends at a file of the layer")
    func links() throws {
        let entries = try RuntimeLayer.entries()
        let byPath = Dictionary(uniqueKeysWithValues: entries.map { ($0.path, $0) })
        var links = 0
        for entry in entries {
            guard case .symlink(var target) = entry.content else { continue }
            links += 1
            var path = entry.path
            // A link to a link to a link would be a mistake, and a loop must not hang the test.
            for _ in 0..<3 {
                #expect(target.first != UInt8(ascii: "/"))
                path = try #require(resolved(target, from: path))
                guard case .symlink(let next) = byPath[path]?.content else { break }
                target = next
            }
            guard case .bytes = byPath[path]?.content else {
                Issue.record("\(entry.path) does not end at a file but at \(path)")
                continue
            }
        }
        #expect(links > 100)
    }

    @Test("names are looked up with services that a static program has built in")
    func nameService() {
        #expect(
            NameService.configuration == """
                passwd:    files
                group:     files
                shadow:    files
                gshadow:   files
                hosts:     files dns
                networks:  files
                protocols: files
                services:  files
                ethers:    files
                rpc:       files

                """
        )
    }

    @Test("os-release names coracle and no version")
    func osRelease() {
        #expect(OSReleaseFile.text == "NAME=\"coracle\"\nID=coracle\nPRETTY_NAME=\"coracle scratch image\"\n")
    }

    private func resolved(_ target: [UInt8], from link: EntryPath) -> EntryPath? {
        var place = link.parent
        for component in target.split(separator: UInt8(ascii: "/")) {
            place = component.elementsEqual("..".utf8) ? place?.parent : place?.appending(component)
        }
        return place
    }

    private func line(_ entry: LayerEntry) -> String {
        let what =
            switch entry.content {
            case .directory: "directory"
            case .bytes, .file: "file"
            case .symlink(let target): "-> " + String(decoding: target, as: UTF8.self)
            case .hardlink(let path): "= \(path)"
            }
        return "\(String(entry.mode, radix: 8)) \(entry.uid):\(entry.gid) \(entry.path) \(what)"
    }
}
