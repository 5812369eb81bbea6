import Bases
import Checkup
import Diagnostics
import Findings
import Images
import Inventory
import Layers
package import OCI
import Store

/// What a new base would change in an image that stands on the old one.
package struct BaseChange: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// The same files: only times, order, compression or the division into layers differ.
        case restamp
        /// The same files, and another configuration.
        case configuration
        case files
        case packages
    }

    /// A package that was added, removed, or has another version.
    package struct Package: Hashable, Sendable {
        package let name: String
        /// The versions; `nil` if absent.
        package let old: String?
        package let new: String?
    }

    package let kind: Kind
    package let platform: Platform
    /// Sorted by name.
    package let packages: [Package]
    /// Number of files that were added, removed or changed; 0 where packages say it.
    package let files: Int
    /// Size of the blobs of all layers, in bytes.
    package let oldSize: Int64
    package let newSize: Int64

    /// Whether an image gains anything by it.
    package var changesFiles: Bool { kind == .files || kind == .packages }

    /// In words: `3 packages`, `the same files, stamped again`.
    package var words: String {
        switch kind {
        case .restamp: "the same files, stamped again"
        case .configuration: "the same files, another configuration"
        case .files: files == 1 ? "1 file" : "\(files) files"
        case .packages: packages.count == 1 ? "1 package" : "\(packages.count) packages"
        }
    }

    /// `12.3 MB → 12.4 MB`.
    package var sizes: String {
        oldSize == newSize ? "\(ByteCount(oldSize))" : "\(ByteCount(oldSize)) → \(ByteCount(newSize))"
    }
}

/// Compares an old base with a new one.
struct BaseComparison {
    let access: ImageAccess

    /// What is different for `platform`, or for the first platform that both have.
    ///
    /// - Throws: what keeps either from being read, such as a base that is gone.
    func change(
        from old: Reference,
        to new: Reference,
        for platform: Platform?
    ) async throws(Diagnostic) -> BaseChange? {
        let before = try await PlatformImage.all(of: try access.provider(for: .registry(old)))
        let after = try await PlatformImage.all(of: try access.provider(for: .registry(new)))
        let wanted = platform ?? before.first { $0.platform == .usual }?.platform ?? before.first?.platform
        guard let wanted, let left = before.first(where: { $0.platform.matches(wanted) }),
            let right = after.first(where: { $0.platform.matches(wanted) })
        else { return nil }
        func change(_ kind: BaseChange.Kind, _ packages: [BaseChange.Package] = [], files: Int = 0) -> BaseChange {
            BaseChange(
                kind: kind,
                platform: left.platform,
                packages: packages,
                files: files,
                oldSize: left.size,
                newSize: right.size
            )
        }
        let isSameConfig = left.config.content.config == right.config.content.config
        let same: BaseChange.Kind = isSameConfig ? .restamp : .configuration
        let (leftIDs, rightIDs) = (left.config.content.diffIDs, right.config.content.diffIDs)
        if leftIDs == rightIDs { return change(same) }
        let packages = try await packages(old, new, for: left.platform)
        if !packages.isEmpty { return change(.packages, packages) }
        let count = try await differingFiles(old, new, for: left.platform)
        return count == 0 ? change(same) : change(.files, files: count)
    }

    private func packages(
        _ old: Reference,
        _ new: Reference,
        for platform: Platform
    ) async throws(Diagnostic) -> [BaseChange.Package] {
        let before = try await versions(old, platform)
        let after = try await versions(new, platform)
        return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
            .map { BaseChange.Package(name: $0, old: before[$0], new: after[$0]) }
    }

    private func versions(_ reference: Reference, _ platform: Platform) async throws(Diagnostic) -> [String: String] {
        let inventory = try await ImageDescriber(access).describe(.registry(reference), for: [platform]).inventory
        let known = inventory.components.filter { !$0.version.isEmpty }.map { ($0.name, $0.version) }
        return Dictionary(known) { first, second in first < second ? second : first }
    }

    /// The number of files that are not the same in both, times left out.
    private func differingFiles(
        _ old: Reference,
        _ new: Reference,
        for platform: Platform
    ) async throws(Diagnostic) -> Int {
        guard let left = try await FinishedImage.candidates(at: .registry(old), for: [platform], access).first,
            let right = try await FinishedImage.candidates(at: .registry(new), for: [platform], access).first
        else { return 0 }
        let before = try await left.open().gated.root
        let after = try await right.open().gated.root
        var count = 0
        for entry in before.entries {
            guard let other = after[entry.path] else {
                count += 1
                continue
            }
            if try !Self.areSame(entry, before, other, after) { count += 1 }
        }
        for entry in after.entries where before[entry.path] == nil { count += 1 }
        return count
    }

    private static func areSame(
        _ left: RootEntry,
        _ leftRoot: UnpackedRoot,
        _ right: RootEntry,
        _ rightRoot: UnpackedRoot
    ) throws(Diagnostic) -> Bool {
        guard left.kind == right.kind, left.mode == right.mode, left.uid == right.uid, left.gid == right.gid,
            left.size == right.size
        else { return false }
        guard left.kind == .file else { return true }
        var offset: Int64 = 0
        while offset < left.size {
            let count = Int(min(left.size - offset, 1 << 20))
            let first = try leftRoot.bytes(of: left, at: offset, count: count)
            guard try rightRoot.bytes(of: right, at: offset, count: count) == first else { return false }
            offset += Int64(count)
        }
        return true
    }
}

extension PlatformImage {
    /// Size of the blobs of all layers, in bytes.
    fileprivate var size: Int64 { manifest.content.layers.reduce(0) { $0.addingClamped($1.size) } }
}

extension Platform {
    /// What is looked at of images for many platforms, where one has to do.
    static let usual = Platform(os: "linux", architecture: "amd64")
}
