import ByteIO
import Checkup
import Diagnostics
import Images
import Inventory
import OCI
import Store

/// Which packages an image has.
struct PackageList: Sendable {
    struct Name: Hashable, Comparable, Sendable {
        let ecosystem: String
        let name: String

        static func < (left: Name, right: Name) -> Bool {
            (left.ecosystem, left.name) < (right.ecosystem, right.name)
        }
    }

    /// Versions by package.
    private let versions: [Name: Set<String>]
    /// Why something may be missing, as sentences without a full stop.
    let gaps: [String]

    /// The kind that lists are cached as. Another form of them, and more packages that are found, need another name.
    private static let kind = "packages-1"

    /// - Throws: what keeps the image from being read.
    init(of image: ComparedImage, _ access: ImageAccess) async throws(Diagnostic) {
        let cache = access.settings.cachePlace == nil ? nil : try access.cache()
        if let bytes = try cache?.derived(Self.kind, of: image.digest), let known = PackageList(bytes: bytes) {
            self = known
            return
        }
        let single = SingleImage(image.provider, image.manifest.descriptor)
        let name = ImageDescriber.Name(text: image.provider.name, reference: nil)
        self.init(try await ImageDescriber(access).describe(single, called: name).whole.inventory)
        _ = try cache?.insert(derived: bytes, Self.kind, of: image.digest)
    }

    /// - Throws: what keeps the directory from being read.
    init(of root: DirectoryRoot) throws(Diagnostic) { self.init(try Inventory(of: root)) }

    private init(_ inventory: Inventory) {
        var versions = [Name: Set<String>]()
        for component in inventory.components {
            let name = (component.group.map { "\($0):" } ?? "") + component.name
            versions[Name(ecosystem: component.url?.type ?? "", name: name), default: []].insert(component.version)
        }
        self.versions = versions
        gaps = inventory.gaps
    }

    static func differences(_ left: PackageList, _ right: PackageList) -> [PackageDifference] {
        Set(left.versions.keys).union(right.versions.keys).sorted().compactMap { name in
            let (old, new) = (left.versions[name] ?? [], right.versions[name] ?? [])
            guard old != new else { return nil }
            return PackageDifference(
                ecosystem: name.ecosystem,
                name: name.name,
                old: old.subtracting(new).sorted(),
                new: new.subtracting(old).sorted()
            )
        }
    }
}

// What a cache keeps of it.
extension PackageList {
    private var bytes: [UInt8] {
        var writer = BinaryWriter()
        writer.put(UInt32(truncatingIfNeeded: gaps.count))
        for gap in gaps { writer.put(gap.utf8) }
        for name in versions.keys.sorted() {
            for version in (versions[name] ?? []).sorted() {
                writer.put(name.ecosystem.utf8)
                writer.put(name.name.utf8)
                writer.put(version.utf8)
            }
        }
        return writer.bytes
    }

    /// `nil` if `bytes` did not write them.
    private init?(bytes: [UInt8]) {
        var reader = BinaryReader(bytes)
        func text() -> String? { reader.slice().flatMap { String(validating: $0, as: UTF8.self) } }
        guard let count: UInt32 = reader.number() else { return nil }
        var gaps = [String]()
        for _ in 0..<count {
            guard let gap = text() else { return nil }
            gaps.append(gap)
        }
        var versions = [Name: Set<String>]()
        while !reader.isAtEnd {
            guard let ecosystem = text(), let name = text(), let version = text() else { return nil }
            versions[Name(ecosystem: ecosystem, name: name), default: []].insert(version)
        }
        (self.versions, self.gaps) = (versions, gaps)
    }
}

/// One image of an index, as if it were alone.
private struct SingleImage: ImageProvider {
    private let provider: any ImageProvider
    private let manifest: Descriptor

    init(_ provider: any ImageProvider, _ manifest: Descriptor) {
        (self.provider, self.manifest) = (provider, manifest)
    }

    var name: String { provider.name }
    var repository: RepositoryName? { provider.repository }
    func top() async throws(Diagnostic) -> Descriptor { manifest }
    func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] { try await provider.document(blob) }
    func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob { try await provider.blob(blob) }
    func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool { try await provider.holds(blob) }
    func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] {
        try await provider.referrers(of: digest)
    }
}
