import Diagnostics
import Findings
import Inventory
import Layers
import OCI
import Testing

@Suite("What is in an image") struct InventoryTests {
    static let release = "ID=debian\nVERSION_ID=\"13\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n"
    static let libc = """
        Package: libc6
        Architecture: amd64
        Source: glibc (2.41-12)
        Version: 2.41-12+b1
        Depends: libgcc-s1, missing | other (>= 2)

        """
    static let gcc = "Package: libgcc-s1\nArchitecture: amd64\nSource: gcc-14\nVersion: 14.2.0-19\n"

    static func record(_ path: String, _ content: String) -> MemoryRoot.File { file(path, content, origin: .base) }

    static var debian: [MemoryRoot.File] {
        [
            record("/etc/os-release", release), record("/var/lib/dpkg/status.d/libc6", libc),
            record("/var/lib/dpkg/status.d/libgcc-s1", gcc),
            record(
                "/var/lib/dpkg/status.d/libc6.md5sums",
                "d41d8cd98f00b204e9800998ecf8427e  usr/lib/p/package.json\n"
            ),
            record("/usr/lib/p/package.json", #"{"name":"owned","version":"1.0.0"}"#),
        ]
    }

    private static func keys(_ inventory: Inventory) -> [String] { inventory.components.map(\.key.text) }

    private static func component(_ name: String, in inventory: Inventory) throws -> Component {
        try #require(inventory.components.first { $0.name == name })
    }

    @Test("Debian's packages have their source packages, their distribution and their edges")
    func debianPackages() throws {
        let inventory = try Inventory(of: MemoryRoot(Self.debian))
        #expect(
            Self.keys(inventory) == [
                "pkg:deb/debian/libc6@2.41-12%2Bb1?arch=amd64&distro=debian-13&upstream=glibc%402.41-12",
                "pkg:deb/debian/libgcc-s1@14.2.0-19?arch=amd64&distro=debian-13&upstream=gcc-14",
            ]
        )
        let libc = try Self.component("libc6", in: inventory)
        #expect(libc.source == Component.Source(name: "glibc", version: "2.41-12"))
        #expect(libc.dependencies.map(\.text) == [Self.keys(inventory)[1]])
        #expect(inventory.distribution?.version == "13")
        #expect(inventory.gaps.isEmpty && inventory.notes.isEmpty)
    }

    @Test("thousands of packages of one name that need each other are read in time", .timeLimit(.minutes(1)))
    func namesakes() throws {
        let text = (0..<4000).map { "Package: a\nVersion: \($0)\nStatus: install ok installed\nDepends: a, a | a\n" }
        let inventory = try Inventory(
            of: MemoryRoot([Self.record("/var/lib/dpkg/status", text.joined(separator: "\n"))])
        )
        #expect(inventory.components.count == 4000)
        #expect(inventory.components.allSatisfy { (7...8).contains($0.dependencies.count) })
    }

    @Test(
        "a package of Debian is under the licences of its files, where a machine can read them",
        arguments: [
            ("Files: *\nLicense: GPL-2+\n", "GPL-2.0-or-later"),
            (
                "Files: *\nLicense: Expat\n text\n\nFiles: b\nLicense: GPL-2+ or BSD-3-clause\n",
                "(GPL-2.0-or-later OR BSD-3-Clause) AND MIT"
            ),
            ("Files: *\nLicense: zlib\n\nLicense: odd\n The text of a licence that no file names.\n", "Zlib"),
            ("Files: *\nLicense: Apache-2.0 and Expat or ISC\n", "Apache-2.0 AND MIT OR ISC"),
            ("Files: *\nLicense: MIT\n", nil), ("Files: *\nLicense: GPL-2+ with exception\n", nil),
            ("Files: *\nLicense: GPL-2+, and Expat\n", nil), ("Files: *\n", nil), ("License: Expat\n", nil),
            ("Files: *\nLicense: Expat\n\nFiles: b\nLicense: public-domain\n", nil), ("not a field\n", nil),
        ] as [(String, String?)]
    )
    func debianLicence(stanzas: String, licence: String?) throws {
        let format = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        for (start, wanted) in [(format, licence), ("", nil)] {
            let files = Self.debian + [Self.record("/usr/share/doc/libc6/copyright", start + stanzas)]
            let libc = try Self.component("libc6", in: try Inventory(of: MemoryRoot(files)))
            #expect(libc.licence == wanted.map { .expression($0) })
        }
    }

    @Test(
        "what SwiftPM has resolved is read where it lies in the image, in all versions of the file",
        arguments: [
            #"{"pins":[{"location":"https://git.example/a/b.git","state":{"version":"1.2.3"}}],"version":3}"#,
            #"{"pins":[{"location":"git@git.example:a/b.git","state":{"version":"1.2.3"}}],"version":2}"#,
            #"{"object":{"pins":[{"repositoryURL":"https://git.example/a/b","state":{"version":"1.2.3"}}]},"version":1}"#,
        ]
    )
    func swiftPackages(text: String) throws {
        let inventory = try Inventory(of: MemoryRoot([file("/src/Package.resolved", text)]))
        #expect(Self.keys(inventory) == ["pkg:swift/git.example/a/b@1.2.3"])
    }

    @Test("records that a package of the system owns are not read a second time")
    func owned() throws {
        let inventory = try Inventory(of: MemoryRoot(Self.debian))
        #expect(!Self.keys(inventory).contains { $0.hasPrefix("pkg:npm") })
    }

    @Test("packages of npm need what require finds from where they are")
    func node() throws {
        func package(_ path: String, _ json: String) -> MemoryRoot.File { file("\(path)/package.json", json) }
        let inventory = try Inventory(
            of: MemoryRoot([
                package("/app", #"{"name":"own","version":"1.0.0","dependencies":{"a":"*","@s/b":"*","gone":"*"}}"#),
                package(
                    "/app/node_modules/a",
                    #"{"name":"a","version":"1.0.0","license":"MIT","dependencies":{"c":"1"},"author":{"name":"A B"}}"#
                ),
                package("/app/node_modules/a/node_modules/c", #"{"name":"c","version":"1.0.0","license":"my own"}"#),
                package("/app/node_modules/c", #"{"name":"c","version":"2.0.0"}"#),
                package(
                    "/app/node_modules/@s/b",
                    #"{"name":"@s/b","version":"0.1.0","optionalDependencies":{"c":"2"}}"#
                ),
                package("/app/node_modules/a/esm", #"{"type":"module"}"#),
            ])
        )
        #expect(
            Self.keys(inventory) == [
                "pkg:npm/%40s/b@0.1.0", "pkg:npm/a@1.0.0", "pkg:npm/c@1.0.0", "pkg:npm/c@2.0.0", "pkg:npm/own@1.0.0",
            ]
        )
        func needs(_ name: String) throws -> [String] {
            try Self.component(name, in: inventory).dependencies.map(\.text).sorted()
        }
        #expect(try needs("own") == ["pkg:npm/%40s/b@0.1.0", "pkg:npm/a@1.0.0"])
        #expect(try needs("a") == ["pkg:npm/c@1.0.0"])
        #expect(try needs("@s/b") == ["pkg:npm/c@2.0.0"])
        let a = try Self.component("a", in: inventory)
        #expect(a.licence == .expression("MIT") && a.supplier == .person("A B") && a.role == .installed)
        #expect(try Self.component("own", in: inventory).role == .mainModule)
        #expect(inventory.components.first { $0.key.text == "pkg:npm/c@1.0.0" }?.licence == .named("my own"))
        #expect(inventory.files.count == 6)
    }

    @Test("packages of Python are read from their metadata, with what they need without extras")
    func python() throws {
        let place = "/app/site-packages"
        let inventory = try Inventory(
            of: MemoryRoot([
                file(
                    "\(place)/Flask_X-3.0.dist-info/METADATA",
                    """
                    Metadata-Version: 2.4
                    Name: Flask.X
                    Version: 3.0
                    Author-email: The Team <team@example.com>
                    License-Expression: BSD-3-Clause OR (Apache-2.0 AND MIT)
                    Requires-Dist: click>=8
                    Requires-Dist: other; extra == "dev"

                    Name: not-a-field
                    """
                ),
                file("\(place)/click-8.1.dist-info/METADATA", "Name: click\nVersion: 8.1\nLicense: UNKNOWN\n"),
                file("\(place)/other.egg-info/PKG-INFO", "Name: other\nVersion: 1\n"),
            ])
        )
        #expect(Self.keys(inventory) == ["pkg:pypi/click@8.1", "pkg:pypi/flask.x@3.0", "pkg:pypi/other@1"])
        let flask = try Self.component("Flask.X", in: inventory)
        #expect(flask.dependencies.map(\.text) == ["pkg:pypi/click@8.1"])
        #expect(flask.supplier == .person("The Team "))
        #expect(flask.licence == .expression("BSD-3-Clause OR (Apache-2.0 AND MIT)"))
        #expect(try Self.component("click", in: inventory).licence == nil)
        #expect(inventory.notes.isEmpty)
    }

    @Test("gems are read from the records that RubyGems writes, and from their names")
    func gems() throws {
        let place = "/usr/local/bundle/specifications"
        let inventory = try Inventory(
            of: MemoryRoot([
                file(
                    "\(place)/nokogiri-1.16.0-x86_64-linux.gemspec",
                    """
                    Gem::Specification.new do |s|
                      s.name = "nokogiri".freeze
                      s.version = "1.16.0"
                      s.licenses = ["MIT".freeze]
                      s.authors = ["Mike D".freeze, "Other".freeze]
                      s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])
                    end
                    """
                ),
                file("\(place)/default/racc-1.7.3.gemspec", "# nothing that is known"),
            ])
        )
        #expect(Self.keys(inventory) == ["pkg:gem/nokogiri@1.16.0?platform=x86_64-linux", "pkg:gem/racc@1.7.3"])
        let nokogiri = try Self.component("nokogiri", in: inventory)
        #expect(nokogiri.dependencies.map(\.text) == ["pkg:gem/racc@1.7.3"])
        #expect(nokogiri.licence == .expression("MIT") && nokogiri.supplier == .person("Mike D"))
    }

    @Test(
        "a record that is a lie or is damaged is named, and nothing fails",
        arguments: [
            ("/a/x-1.dist-info/METADATA", "Name: y\nVersion: 1\n", "inventory.record-contradicts", 1),
            ("/a/x-1.dist-info/METADATA", "Name: x\nVersion: 2\n", "inventory.record-contradicts", 1),
            ("/a/x-1.dist-info/METADATA", "Name: x\n", "inventory.record-malformed", 0),
            ("/a/x-1.dist-info/METADATA", "Name: a b\nVersion: 1\n", "inventory.record-malformed", 0),
            ("/a/node_modules/x/package.json", "{", "inventory.record-malformed", 0),
            ("/a/node_modules/x/package.json", #"{"name":"a","name":"b"}"#, "inventory.record-malformed", 0),
            ("/a/node_modules/x/test/package.json", "{", nil, 0),
            ("/a/specifications/x.gemspec", "", "inventory.record-malformed", 0),
            ("/var/lib/dpkg/status", "Package\n", "control.malformed", 0),
        ] as [(String, String, String?, Int)]
    )
    func lies(path: String, content: String, code: String?, count: Int) throws {
        let inventory = try Inventory(of: MemoryRoot([file(path, content)]))
        #expect(inventory.notes.map(\.code.rawValue) == [code].compactMap(\.self))
        #expect(inventory.gaps.isEmpty == (code == nil))
        #expect(inventory.components.count == count)
    }

    @Test("a record that is too large is not read, and said")
    func large() throws {
        let inventory = try Inventory(
            of: MemoryRoot([file("/a/node_modules/x/package.json", "{}", size: 1 << 40, origin: .base)])
        )
        #expect(inventory.notes.map(\.code.rawValue) == ["inventory.record-too-large"])
    }

    @Test("symlinks are never followed")
    func symlinks() throws {
        let inventory = try Inventory(
            of: MemoryRoot([
                file("/elsewhere/package.json", "{", origin: .base),
                symlink("/app/node_modules/x/package.json", to: "/elsewhere/package.json"),
            ])
        )
        #expect(inventory.components.isEmpty && inventory.notes.isEmpty && inventory.files.isEmpty)
    }

    @Test("the user's files have both hashes and their layer")
    func files() throws {
        let layer = DiffID(Digest(sha256Of: [1]))
        let inventory = try Inventory(
            of: MemoryRoot([file("/app/abc", "abc"), file("/usr/x", "abc", origin: .base)])
        ) { _ in layer }
        let only = try #require(inventory.files.first)
        #expect(inventory.files.count == 1 && only.layer == layer && only.size == 3)
        #expect(only.digests.sha1 == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(only.digests.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(
        "apk's database has the packages of Alpine with their sources, licences and dependencies, and the files that are theirs"
    )
    func apk() throws {
        let database = """
            C:Q1dCsKJvMnxtpg1CoCw+thiaWORo8=
            P:musl
            V:1.2.5-r10
            A:x86_64
            L:MIT
            o:musl
            p:so:libc.musl-x86_64.so.1=1
            F:usr/lib/node_modules/a
            R:package.json
            Z:Q1dCsKJvMnxtpg1CoCw+thiaWORo8=

            P:ssl_client
            V:1.36.1-r2
            A:x86_64
            L:GPL-2.0-only
            o:busybox
            D:so:libc.musl-x86_64.so.1>=1 !other

            P:
            V:1

            """
        let inventory = try Inventory(
            of: MemoryRoot([
                Self.record("/lib/apk/db/installed", database),
                Self.record("/usr/lib/os-release", "ID=alpine\nVERSION_ID=3.24.0\n"),
                file("/usr/lib/node_modules/a/package.json", #"{"name":"a","version":"1.0.0"}"#, origin: .base),
            ])
        )
        #expect(inventory.gaps.isEmpty)
        #expect(inventory.unreadManagers == ["apk"])
        #expect(
            inventory.components.compactMap(\.url?.description) == [
                "pkg:apk/alpine/musl@1.2.5-r10?arch=x86_64&distro=alpine-3.24.0",
                "pkg:apk/alpine/ssl_client@1.36.1-r2?arch=x86_64&distro=alpine-3.24.0&upstream=busybox",
            ]
        )
        #expect(inventory.components.map(\.licence) == [.expression("MIT"), .expression("GPL-2.0-only")])
        let client = try #require(inventory.components.last)
        #expect(client.dependencies == [try #require(inventory.components.first).key])
        #expect(client.source?.name == "busybox")
    }

    @Test("databases of other package managers make the inventory incomplete")
    func foreign() throws {
        let inventory = try Inventory(of: MemoryRoot([Self.record("/var/lib/pacman/local", "x")]))
        #expect(inventory.gaps == ["the packages of `pacman` are not read"])
    }

    @Test("the union has each component once, with all its places")
    func union() throws {
        func one(_ path: String) throws -> Inventory {
            try Inventory(of: MemoryRoot([file("\(path)/package.json", #"{"name":"a","version":"1.0.0"}"#)]))
        }
        let union = Inventory.union([try one("/x"), try one("/y"), try one("/x")])
        #expect(union.components.count == 1 && union.files.count == 2)
        #expect(
            union.components.first?.occurrences.map(\.path.description).sorted() == [
                "/x/package.json", "/y/package.json",
            ]
        )
    }
}
