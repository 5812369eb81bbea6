import Archive
package import Bases
import ByteIO
import Check
package import Diagnostics
package import Findings
package import Images
import Layers
package import OCI
import Store

/// The bases of the catalogue, as far as they are known without fetching anything: which libraries, programs and interpreters they
/// have.
package struct KnownBases: Sendable {
    private let platform: Platform
    private let catalogue: BaseCatalogue
    private let packages: KnownPackages

    /// `nil` if there are no bases for `platform`.
    ///
    /// - Throws: what is wrong with a directory of bases.
    package init?(for platform: Platform, _ access: ImageAccess) throws(Diagnostic) {
        guard let architecture = platform.debianArchitecture else { return nil }
        self.platform = platform
        catalogue = try access.catalogue().bases
        packages = KnownPackages(
            for: architecture,
            cache: try access.cache(),
            drafts: access.settings.temporaryDirectory
        )
    }

    /// The bases that hints about an image may name.
    ///
    /// - Parameter source: what `coracle advise` takes for the same application; `nil` for a finished image.
    package static func alternatives(for source: String?, _ access: ImageAccess) -> AlternativeBases {
        AlternativeBases(for: source) { platform in
            // What is wrong with a base does not matter to the image that is checked.
            guard let known = try? KnownBases(for: platform, access) else { return [] }
            return known.catalogue.all.compactMap { entry in
                guard let files = try? known.packages.files(of: entry) else { return nil }
                return AlternativeBase(
                    entry.name,
                    size: entry.size(for: platform),
                    entrypoint: entry.execution.entrypoint ?? [],
                    files.map { (path: $0.path, kind: $0.kind, facts: $0.facts) }
                )
            }
        }
    }

    /// The base, to plan an image on it: it has no layers. `nil` if one of its packages is not known.
    ///
    /// - Throws: what reading a package of the cache throws.
    package func base(_ entry: BaseCatalogue.Entry) throws(Diagnostic) -> BaseReader.Found? {
        guard let files = try packages.files(of: entry) else { return nil }
        let records = files.map { file in
            LayerTable.Record(TarEntry(file), facts: file.facts)
        }
        let name = Array(entry.name.utf8)
        let table = LayerTable(diffID: DiffID(Digest(sha256Of: name)), size: 0, records: records)
        let base = Base(
            name: entry.name,
            reference: nil,
            manifest: Descriptor(mediaType: .imageManifest, digest: Digest(sha256Of: name), size: 0),
            platform: platform,
            layers: [],
            config: ImageConfig(platform: platform, config: entry.execution),
            oddities: [],
            provider: UnfetchedBase(name: entry.name)
        )
        return BaseReader.Found(base: base, files: try BaseFiles([table]))
    }
}

extension TarEntry {
    fileprivate init(_ file: LoadableFile) {
        let kind: Kind =
            switch file.kind {
            case .symlink(let target): .symlink(target: target)
            case .hardlink(let first): .hardlink(target: first.bytes)
            case .directory: .directory
            case .file, .other: .regular
            }
        let isLink = if case .symlink = kind { true } else { false }
        self.init(
            path: file.path.bytes,
            kind: kind,
            mode: isLink ? FileModes.symlink : FileModes.executable,
            uid: 0,
            gid: 0,
            size: 0
        )
    }
}

/// A base of which nothing is there but what is known of its files.
private struct UnfetchedBase: ImageProvider {
    let name: String

    var repository: RepositoryName? { nil }

    func top() async throws(Diagnostic) -> Descriptor { throw unfetched }

    func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] { throw unfetched }

    func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob { throw unfetched }

    func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] { throw unfetched }

    private var unfetched: Diagnostic { Diagnostic(.baseUnfetched, "`\(name)` was not fetched, only planned on") }
}

extension Diagnostic.Code {
    static let baseUnfetched = Self("base.unfetched", .bug)
}
