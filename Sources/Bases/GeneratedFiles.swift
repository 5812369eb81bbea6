import Archive
import Debian
import Diagnostics
import ELF
import Layers
import Rootfs
import Store

/// The files of a base that are not from a package: accounts, certificates in one file, `os-release`.
enum GeneratedFiles {
    /// What packages give for the files.
    struct Sources {
        /// The certificates, as PEM; `nil` for a base without certificates.
        let bundle: [UInt8]?
        /// Debian's own accounts; `nil` for a base that has only those of every image.
        let accounts: PackagedAccounts?
    }

    /// The directory of the certificates in Debian's package `ca-certificates`.
    private static let certificates = EntryPath(unchecked: Array("usr/share/ca-certificates".utf8))

    /// The entries, without the directories of `present`. Their times are 1970.
    ///
    /// - Parameters:
    ///   - architecture: Debian's name.
    ///   - sources: what packages give for them.
    ///   - table: the content of the layers below.
    /// - Throws: what `LayerBlueprint` throws if a file of the definition has the path of one of ours.
    static func blueprint(
        for definition: BaseDefinition,
        _ architecture: String,
        from sources: Sources,
        over table: PackageTable
    ) throws(Diagnostic) -> LayerBlueprint {
        let bundle = sources.bundle
        let isDebian = definition.suite.format == .deb
        let options = RuntimeOptions(certificates: bundle.map { .bundle($0) } ?? .none, includesZoneinfo: false)
        // Packages of Debian bring none of these files; those of other systems may.
        var gaps = RuntimeGaps { isDebian ? false : table.has(String($0.drop { $0 == "/" })) }
        gaps.hasNameService = gaps.exists("/etc/nsswitch.conf")
        gaps.hasTemporaryDirectory = gaps.exists("/tmp")
        var entries = try RuntimeLayer.entries(options, filling: gaps).entries
        for (path, content) in sources.accounts?.files ?? [] {
            guard let index = entries.firstIndex(where: { $0.path == path }) else { continue }
            entries[index].content = .bytes(content)
        }
        if isDebian || !(table.has("etc/os-release") || table.has("usr/lib/os-release")) {
            entries.append(
                LayerEntry(
                    EntryPath(unchecked: Array("usr/lib/os-release".utf8)),
                    .bytes(Array(osRelease(of: definition.suite).utf8)),
                    mode: FileModes.plain
                )
            )
        }
        var parts = isDebian ? ["accounts", "certificates", "name lookup"] : ["accounts"]
        if !isDebian {
            entries += try ApkFiles.entries(for: definition, architecture, over: table)
            parts.append("the list of installed packages")
        }
        if let bundle, table.hasSymlink(to: "/\(JavaTrustStore.path)") {
            let store = JavaTrustStore.encode(try CertificateBundle(pem: bundle, from: "ca-certificates"))
            let path = EntryPath(unchecked: Array(JavaTrustStore.path.utf8))
            entries.append(LayerEntry(path, .bytes(store), mode: FileModes.plain))
            parts.append("certificates for Java")
        }
        if isDebian || !definition.packages.contains("musl"), let libraries = table.libraryCache(for: architecture) {
            let path = EntryPath(unchecked: Array("etc/ld.so.cache".utf8))
            entries.append(LayerEntry(path, .bytes(libraries.encoded), mode: FileModes.plain))
            parts.append("the loader's list of libraries")
        }
        for file in definition.files {
            switch file.content {
            case .text(let bytes): entries.append(LayerEntry(file.path, .bytes(bytes), mode: FileModes.plain))
            case .symlink(let target):
                let target = Array(target.replacing("{architecture}", with: architecture).utf8)
                entries.append(LayerEntry(file.path, .symlink(target: target), mode: FileModes.symlink))
            }
        }
        let present = Set(table.directories.map { EntryPath(unchecked: Array($0.utf8)) })
        entries += PackageContents.directories(above: entries).filter { !present.contains($0.path) }
        return try LayerBlueprint(.base, createdBy: "coracle: " + parts.joined(separator: ", "), entries: entries)
    }

    /// os-release(5). The ID is the system's, so that scanners recognise the packages.
    static func osRelease(of suite: DebianSuite) -> String {
        if suite.format == .apk {
            let name = suite.codename.prefix(1).uppercased() + suite.codename.dropFirst()
            let title = suite.version.map { "\(name) \($0)" } ?? name
            return """
                PRETTY_NAME="\(title), assembled by coracle"
                NAME="\(name)"
                ID=\(suite.codename)
                VERSION_ID="\(suite.version ?? "rolling")"

                """
        }
        return """
            PRETTY_NAME="Debian GNU/Linux \(suite.number) (\(suite.codename)), assembled by coracle"
            NAME="Debian GNU/Linux"
            VERSION_ID="\(suite.number)"
            VERSION="\(suite.number) (\(suite.codename))"
            VERSION_CODENAME=\(suite.codename)
            ID=debian
            HOME_URL="https://www.debian.org/"
            SUPPORT_URL="https://www.debian.org/support"
            BUG_REPORT_URL="https://bugs.debian.org/"

            """
    }

    /// The certificates of Debian's package `ca-certificates` in one PEM file, sorted and without duplicates.
    ///
    /// - Throws: what `DebReader` and `CertificateBundle` throw.
    static func bundle(of package: BaseLock.Package, in blob: LocalBlob) throws(Diagnostic) -> [UInt8] {
        var reader = try DebReader(try blob.open(), named: package.path)
        var pem = [UInt8]()
        while let record = try reader.next() {
            guard record.kind == .regular, certificates.contains(EntryPath(unchecked: record.path)) else { continue }
            guard record.path.suffix(4).elementsEqual(".crt".utf8) else { continue }
            pem += try reader.readContent(limit: CertificateBundle.sizeLimit)
            pem.append(0x0A)
        }
        return try CertificateBundle(pem: pem, from: package.path).pem
    }
}
