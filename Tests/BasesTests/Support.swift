import Bases
import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import Store
import Synchronization
import TestSupport
import Testing

/// Runs `body` and returns what it threw.
func problem(_ body: () async throws -> Void) async -> Diagnostic? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Diagnostic
    }
}

/// A mirror of packages on this machine, and what assembles bases from it.
final class BaseBench: Sendable {
    let folder: TemporaryDirectory
    let mirror: BaseMirror
    let cache: BlobCache
    private let transport: AsyncHTTPTransport

    init() throws {
        folder = try TemporaryDirectory()
        mirror = try BaseMirror()
        cache = try BlobCache(FilePath(folder("cache")))
        transport = try AsyncHTTPTransport(environment: [:], embeddedAuthorities: [])
    }

    func mirrors() throws -> BaseMirrors { try BaseMirrors(named: [mirror.url]) }

    func fetcher(sources: AllowedSources = .everywhere, cache: BlobCache? = nil) throws -> BaseFetcher {
        BaseFetcher(
            transport,
            from: try mirrors(),
            cache: cache ?? self.cache,
            drafts: FilePath(folder.path),
            sources: sources
        )
    }

    func assembler(sources: AllowedSources = .everywhere, cores: Int = 2, cache: BlobCache? = nil) throws -> BaseAssembler {
        BaseAssembler(try fetcher(sources: sources, cache: cache), cores: cores)
    }

    /// A base of Debian 12 with these packages of the mirror, locked by hand.
    func entry(
        _ made: [MadePackage],
        _ definition: String = "",
        _ variant: String = ""
    ) throws -> BaseCatalogue.Entry {
        let suite = try DebianSuite(named: "debian12")
        let names = made.filter { $0.name != "busybox-static" }.map { "  - \($0.name)\n" }.joined()
        let text = "for: a test\nend-of-life: 2028-06-30\npackages:\n\(names)\(definition)"
        let base = try BaseDefinition(parsing: Array(text.utf8), named: "it", of: suite, from: "it.yaml")
        let lock = BaseLock(
            suite: suite,
            releases: [],
            definitions: ["it": base.digest],
            packages: ["amd64": try made.map { try mirror.add($0) }]
        )
        let section = BaseShelf.Section(suite: suite, definitions: [base], lock: lock, lockPath: "lock")
        return BaseCatalogue.Entry(
            base,
            variant.isEmpty ? BaseVariant() : try BaseVariant(parsing: variant),
            in: section
        )
    }

    /// Unpacks the image's layers one after the other; returns the directory.
    func unpack(_ base: AssembledBase, _ provider: BaseProvider, _ name: String = "root") async throws -> String {
        try folder.directory(name)
        let image = try #require(base.images.first)
        for layer in image.layers {
            let blob = try await provider.blob(layer.descriptor)
            let file = FilePath(folder("layer.tar.gz"))
            var draft = try BlobDraft(in: FilePath(folder.path))
            try blob.copy(to: &draft)
            try draft.seal().replace(file)
            try Command("tar", ["-xpzf", file.display, "-C", folder(name), "--no-same-owner"]).output()
        }
        return folder(name)
    }

    func stop() async { await transport.shutdown() }
}

/// Files behind HTTP on this machine.
final class BaseMirror: Sendable {
    let files = Mutex<[String: [UInt8]]>([:])
    private let server: Mutex<ScriptedServer?> = Mutex(nil)

    init() throws {
        let server = try ScriptedServer { [weak self] request in
            guard let self else { return .response(503, [], "") }
            return self.files.withLock { files in
                guard let bytes = files[request.target] else { return .response(404, [], "not here") }
                return .response(200, [], bytes)
            }
        }
        self.server.withLock { $0 = server }
    }

    deinit { server.withLock { $0?.stop() } }

    var url: String { server.withLock { "http://\($0?.address ?? "")/debian" } }
    var requests: [String] { server.withLock { $0?.requests.map(\.target) ?? [] } }

    /// Adds a package; returns how it is locked.
    func add(_ made: MadePackage) throws -> BaseLock.Package {
        let bytes = try made.bytes()
        let path = "pool/main/x/\(made.name)_\(made.version)_\(made.architecture).deb"
        files.withLock { $0["/debian/\(path)"] = bytes }
        return BaseLock.Package(
            name: made.name,
            version: made.version,
            architecture: made.architecture,
            path: path,
            size: Int64(bytes.count),
            digest: Digest(sha256Of: bytes)
        )
    }

    /// Puts other bytes in a package's place.
    func spoil(_ package: BaseLock.Package, _ change: (inout [UInt8]) -> Void) {
        files.withLock { files in
            guard var bytes = files["/debian/\(package.path)"] else { return }
            change(&bytes)
            files["/debian/\(package.path)"] = bytes
        }
    }
}

/// A package made by dpkg-deb.
struct MadePackage {
    var name = "hello"
    var version = "1.0-1"
    var architecture = "amd64"
    /// A shell script run in the folder that becomes the package, which has `DEBIAN/control` already.
    var script = "mkdir -p usr/bin; echo hello > usr/bin/hello; chmod 755 usr/bin/hello"

    /// The bytes of the .deb, the same for the same values.
    func bytes() throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        try folder.file(
            "root/DEBIAN/control",
            """
            Package: \(name)
            Version: \(version)
            Architecture: \(architecture)
            Maintainer: Nobody <nobody@example.org>
            Description: a test

            """
        )
        let sums = "find . -path ./DEBIAN -prune -o -type f -printf '%P\\n' | sort | xargs -r -d '\\n' md5sum > ../sums"
        try Command.shell(
            "chmod 755 root root/DEBIAN; cd root; umask 022; \(script); \(sums); [ -s ../sums ] && mv ../sums DEBIAN/md5sums; true",
            directory: folder.path
        ).output()
        try Command(
            "dpkg-deb",
            ["--root-owner-group", "-Zxz", "-b", "root", "x.deb"],
            environment: ["SOURCE_DATE_EPOCH": "1700000000"],
            directory: folder.path
        ).output()
        return try readFile(folder("x.deb"))
    }
}
