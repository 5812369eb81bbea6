import Archive
import Debian
import Diagnostics
import Layers
import OCI
import Rootfs
import Store

/// The users and groups of Debian's package `base-passwd`, and ours below them: `/etc/passwd` and `/etc/group`.
///
/// The package's script would copy its masters there.
struct PackagedAccounts {
    private static let folder = EntryPath(unchecked: Array("usr/share/base-passwd".utf8))
    private static let masters = ["passwd", "group"]
    private static let sizeLimit = 1 << 20

    static let package = "base-passwd"

    /// By their paths, without a leading slash.
    let files: [(path: EntryPath, content: [UInt8])]

    /// - Throws: what `DebReader` throws; `base.package-other` for a package without them.
    init(of package: BaseLock.Package, in blob: LocalBlob) throws(Diagnostic) {
        var found: [String: [UInt8]] = [:]
        var reader = try DebReader(try blob.open(), named: package.path)
        while let record = try reader.next() {
            let path = EntryPath(unchecked: record.path)
            for name in Self.masters where path == Self.folder.appending("\(name).master".utf8) {
                guard record.kind == .regular else { continue }
                found[name] = try reader.readContent(limit: Self.sizeLimit)
            }
        }
        try self.init(found, of: package)
    }

    /// - Parameter bytes: the form in the cache.
    init?(cached bytes: [UInt8], of package: BaseLock.Package) {
        let parts = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == Self.masters.count,
            let made = try? Self(Dictionary(uniqueKeysWithValues: zip(Self.masters, parts)), of: package)
        else { return nil }
        self = made
    }

    private init(_ masters: [String: [UInt8]], of package: BaseLock.Package) throws(Diagnostic) {
        var files = [(path: EntryPath, content: [UInt8])]()
        for (name, own) in zip(Self.masters, [Accounts.passwd, Accounts.group]) {
            guard let master = masters[name], !master.contains(0) else {
                throw Diagnostic(
                    .basePackageOther,
                    "`\(package.name)` \(package.version) has no accounts",
                    because: "it has no `\(Self.folder)/\(name).master`, or one that is not text"
                )
            }
            let lines = master.split(separator: 0x0A)
            func key(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> { line.prefix { $0 != UInt8(ascii: ":") } }
            func number(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
                line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).dropFirst(2).first
            }
            let names = Set(lines.map(key))
            let numbers = Set(lines.compactMap(number))
            let more = Array(own.utf8).split(separator: 0x0A).filter { line in
                !names.contains(key(line)) && number(line).map(numbers.contains) != true
            }
            let path = EntryPath(unchecked: Array("etc/\(name)".utf8))
            files.append((path, (lines + more).flatMap { Array($0) + [0x0A] }))
        }
        self.files = files
    }

    /// The form in the cache.
    var cached: [UInt8] { Array(files.map(\.content).joined(separator: [0])) }
}

extension LayerMaker {
    private static let accountsKind = "deb-accounts-1"

    /// The accounts of the package that has Debian's; `nil` without it.
    func accounts(of packages: [BaseLock.Package], in lock: BaseLock) async throws(Diagnostic) -> PackagedAccounts? {
        guard let package = packages.first(where: { $0.name == PackagedAccounts.package }) else { return nil }
        if let bytes = try cache.derived(Self.accountsKind, of: package.digest),
            let known = PackagedAccounts(cached: bytes, of: package)
        {
            return known
        }
        guard let blob = try await fetcher.fetch([package], of: lock)[package.digest] else { return nil }
        let made = try PackagedAccounts(of: package, in: blob)
        try cache.insert(derived: made.cached, Self.accountsKind, of: package.digest)
        return made
    }
}
