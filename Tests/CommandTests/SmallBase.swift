import Synchronization
import TestSupport

/// A directory of bases with one of two packages that `dpkg-deb` made, its lock, and a mirror that has them.
final class SmallBase: Sendable {
    let place: TemporaryDirectory
    private let server: ScriptedServer
    /// By paths; a test may take some away.
    private let files: FileTable

    private final class FileTable: Sendable {
        let contents: Mutex<[String: [UInt8]]>
        init(_ contents: [String: [UInt8]]) { self.contents = Mutex(contents) }
    }

    static let packages = ["mini-data", "mini-tool"]

    /// The packages, made once a run, with their digests.
    private static let made = Result { () -> [(name: String, bytes: [UInt8], digest: String)] in
        let place = try TemporaryDirectory()
        try place.file("mini-data/usr/share/mini/data", "data\n")
        try place.file("mini-tool/usr/share/mini/tool", "tool\n", mode: 0o755)
        try place.file("mini-tool/DEBIAN/postinst", "#!/bin/sh\n", mode: 0o755)
        return try packages.map { package in
            try place.file(
                "\(package)/DEBIAN/control",
                """
                Package: \(package)
                Version: 1.0-1
                Architecture: all
                Maintainer: Nobody <nobody@example.org>
                Description: a test

                """
            )
            let file = place("\(package).deb")
            // The directory is deleted behind its last use.
            return try withExtendedLifetime(place) {
                try Command(
                    "dpkg-deb",
                    ["--root-owner-group", "-Zxz", "--build", place(package), file],
                    environment: ["SOURCE_DATE_EPOCH": "1700000000"]
                ).output()
                return (package, try readFile(file), try sha256(of: file))
            }
        }
    }

    init() throws {
        let place = try TemporaryDirectory()
        let made = try Self.made.get()
        var contents: [String: [UInt8]] = [:]
        var records = [String]()
        for (package, bytes, digest) in made {
            let path = Self.path(of: package)
            contents["/debian/\(path)"] = bytes
            records.append(
                """
                {"name":"\(package)","version":"1.0-1","architecture":"all","path":"\(path)",\
                "size":\(bytes.count),"sha256":"\(digest)"}
                """
            )
        }
        let table = FileTable(contents)
        server = try ScriptedServer { request in
            table.contents.withLock { files in
                files[request.target].map { .response(200, [], $0) } ?? .response(404, [], "not here")
            }
        }
        files = table
        self.place = place
        try define(packages: Self.packages)
        try place.file("text", (["mini"] + Self.packages).map { "\($0)\n" }.joined())
        let digest = try Self.sha256(of: place("text"))
        let list = records.joined(separator: ",")
        try place.file(
            "Bases/debian13/packages.lock.json",
            """
            {"version":1,"suite":"debian13","releases":[{"suite":"trixie","version":"13.7","date":"2026-09-12T10:00:00Z"}],
            "definitions":{"mini":"sha256:\(digest)"},"packages":{"amd64":[\(list)],"arm64":[\(list)]}}
            """
        )
    }

    deinit { server.stop() }

    var mirror: String { "http://\(server.address)/debian" }
    var requestCount: Int { server.requests.count }

    /// Writes the definition `mini`.
    func define(packages: [String]) throws {
        let list = packages.map { "  - \($0)" }.joined(separator: "\n")
        try place.file(
            "Bases/debian13/mini.yaml",
            "for: tests\nend-of-life: 2020-01-01\nenv:\n  MINI: small\npackages:\n\(list)\n"
        )
    }

    /// Where the mirror has a package.
    static func path(of package: String, _ version: String = "1.0-1") -> String {
        "pool/main/m/mini/\(package)_\(version)_all.deb"
    }

    /// Puts packages of another version on the mirror, in a signed index of an hour ago. Those of earlier versions stay.
    func release(_ version: String, _ keys: TestKeys) throws {
        for package in Self.packages {
            let folder = package == "mini-data" ? "data" : "tool"
            self[Self.path(of: package, version)] = try MadePackage(
                name: package,
                version: version,
                architecture: "all",
                script: "mkdir -p usr/share/mini; echo \(version) > usr/share/mini/\(folder)"
            ).bytes()
        }
        try SignedArchive(version: version).publish(on: self, keys)
    }

    /// Has the mirror and the lock beside the definitions go on to another version of the packages.
    func move(to new: String) throws {
        for package in Self.packages {
            let bytes = try MadePackage(
                name: package,
                version: new,
                architecture: "all",
                script: "mkdir -p usr/share/mini; echo \(new) > usr/share/mini/\(package)"
            ).bytes()
            self[Self.path(of: package, new)] = bytes
            let digest = try Self.sha256(of: place.file("moved", bytes))
            let script = """
                import json, sys
                path, name, version, file, size, digest = sys.argv[1:]
                lock = json.load(open(path))
                for packages in lock["packages"].values():
                    for package in packages:
                        if package["name"] == name:
                            package.update(version=version, path=file, size=int(size), sha256=digest)
                json.dump(lock, open(path, "w"))
                """
            let lock = place("Bases/debian13/packages.lock.json")
            try Tool.python(script, [lock, package, new, Self.path(of: package, new), "\(bytes.count)", digest])
        }
    }

    /// What the mirror has at `path`, below its address.
    subscript(path: String) -> [UInt8]? {
        get { files.contents.withLock { $0["/debian/\(path)"] } }
        set { files.contents.withLock { $0["/debian/\(path)"] = newValue } }
    }

    /// Puts something else in the place of all packages.
    func spoil(with bytes: [UInt8]?) {
        files.contents.withLock { files in for path in files.keys { files[path] = bytes } }
    }

    /// Takes all packages from the mirror into an archive of snapshots, at a time such as `20260913T100000Z`; returns the
    /// archive's address.
    func archive(at time: String) -> String {
        files.contents.withLock { files in
            files = Dictionary(
                uniqueKeysWithValues: files.map { path, bytes in
                    ("/snapshots/debian/\(time)/\(path.dropFirst("/debian/".count))", bytes)
                }
            )
        }
        return "http://\(server.address)/snapshots"
    }

    /// `coracle` in the directory above `Bases`, with a cache of its own.
    func coracle(_ arguments: [String], cache: String = "cache", snapshots: String = "") -> Command {
        Built.coracle(
            arguments,
            environment: [
                "CORACLE_CACHE": place(cache), "CORACLE_DEBIAN_MIRROR": mirror, "CORACLE_DEBIAN_SNAPSHOT": snapshots,
            ],
            directory: place.path
        )
    }

    static func sha256(of path: String) throws -> String {
        String(try Command("sha256sum", [path]).output().prefix(64))
    }
}
