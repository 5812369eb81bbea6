package import Bases

/// The differences between two locks.
package struct BaseLockChanges: Hashable, Sendable {
    package struct Change: Hashable, Sendable {
        package let package: String
        /// Debian's names of the architectures, sorted.
        package let architectures: [String]
        /// The old version; `nil` if the package is new.
        package let old: String?
        /// The new version; `nil` if the package was removed.
        package let new: String?
    }

    /// The changes, sorted by package.
    package let changes: [Change]
    private let all: [String]

    package var isEmpty: Bool { changes.isEmpty }

    package init(from old: BaseLock?, to new: BaseLock) {
        struct Versions: Hashable {
            let package: String
            let old: String?
            let new: String?
        }
        var found: [Versions: [String]] = [:]
        all = new.architectures
        for architecture in Set(new.architectures + (old?.architectures ?? [])).sorted() {
            let before = Self.versions(old, architecture)
            let after = Self.versions(new, architecture)
            for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
                let change = Versions(package: name, old: before[name], new: after[name])
                found[change, default: []].append(architecture)
            }
        }
        changes =
            found
            .map { Change(package: $0.package, architectures: $1, old: $0.old, new: $0.new) }
            .sorted { ($0.package, $0.architectures.joined()) < ($1.package, $1.architectures.joined()) }
    }

    private static func versions(_ lock: BaseLock?, _ architecture: String) -> [String: String] {
        Dictionary(
            (lock?.packages[architecture] ?? []).map { ($0.name, $0.version) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The changes for a commit message, a line each: `libc6 2.36-9+deb12u9 → 2.36-9+deb12u10`.
    package var lines: [String] {
        changes.map { change in
            let place = change.architectures == all ? "" : " (\(change.architectures.joined(separator: ", ")))"
            switch (change.old, change.new) {
            case (let old?, let new?): return "\(change.package) \(old) → \(new)\(place)"
            case (nil, let new?): return "\(change.package) \(new), new\(place)"
            case (let old?, nil): return "\(change.package) \(old), no longer used\(place)"
            case (nil, nil): return change.package
            }
        }
    }
}
