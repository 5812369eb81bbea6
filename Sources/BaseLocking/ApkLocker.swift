package import Bases
import Apk
package import ByteIO
import Debian
package import Diagnostics
import Glibc
package import HTTP
import OCI
package import Store

/// Finds the packages of definitions in signed indexes of apk packages and locks them.
///
/// An index says only the SHA-1 of a package's metadata, so that each new package is fetched: its metadata has the SHA-256 of its files,
/// and the lock gets the SHA-256 of the whole.
package struct ApkLocker: Sendable {
    /// Where keys are looked for that are not beside the definition and have no address.
    private static let usualKeys: [FilePath] = ["/etc/apk/keys", "/usr/share/apk/keys"]
    private static let keyLimit = 64 << 10
    private static let parallelFetches = 4

    private let client: MirrorClient
    private let mirrors: BaseMirrors
    private let fetcher: BaseFetcher
    private let keyFiles: [FilePath]

    /// - Parameters:
    ///   - fetcher: puts the packages into the cache.
    ///   - keyFiles: the files of keys that may sign, instead of those of the definitions; their names count.
    ///   - observer: is called before every pause between two tries of a mirror.
    package init(
        _ transport: any HTTPTransport,
        from mirrors: BaseMirrors,
        into fetcher: BaseFetcher,
        trusting keyFiles: [FilePath] = [],
        observer: @escaping TransferObserver = { _ in }
    ) {
        client = MirrorClient(transport, reportingTo: observer)
        self.mirrors = mirrors
        self.fetcher = fetcher
        self.keyFiles = keyFiles
    }

    /// Locks the packages of `definitions`, all those of a suite.
    ///
    /// - Parameters:
    ///   - old: the previous lock.
    ///   - isUpdating: whether packages that are already locked get their newest version, too.
    ///   - allowsOlder: whether an index may be older than the one that `old` was made from.
    ///   - architectures: Debian's names.
    /// - Throws: `base.no-mirror`, `apk.…`, `packages.missing`, `mirror.…`.
    package func lock(
        _ definitions: [BaseDefinition],
        of suite: DebianSuite,
        replacing old: BaseLock? = nil,
        isUpdating: Bool = true,
        allowsOlder: Bool = false,
        for architectures: [String] = ["amd64", "arm64"]
    ) async throws(Diagnostic) -> BaseLocker.Outcome {
        let sources = definitions.compactMap(\.apk)
        var defaults = [String]()
        for mirror in sources.compactMap(\.mirror) where !defaults.contains(mirror) { defaults.append(mirror) }
        let places = try mirrors.mirrors(of: suite, else: defaults)
        var repositories = [(name: String, keys: [ApkKey])]()
        for name in sources.flatMap(\.names) where !repositories.contains(where: { $0.name == name }) {
            let keys = sources.filter { $0.names.contains(name) }.flatMap(\.keys)
            repositories.append((name, try await self.keys(keys, of: suite)))
        }
        let names = Set(definitions.flatMap(\.packages))
        let bases = definitions.sorted { $0.name < $1.name }.map(\.packages)
        var releases = [BaseLock.Release]()
        var packages = [String: [BaseLock.Package]]()
        var notes = [Diagnostic]()
        for architecture in architectures {
            let directory = suite.directory(of: architecture)
            var choice = ApkChoice(names: names.sorted(), of: suite.name, architecture: directory)
            for repository in repositories {
                let index = try await index(
                    of: repository.name,
                    directory,
                    repository.keys,
                    names,
                    places,
                    allowsOlder ? nil : old
                )
                releases.append(
                    BaseLock.Release(
                        suite: "\(repository.name)/\(directory)",
                        version: index.description,
                        date: index.date
                    )
                )
                choice.add(index)
            }
            let known = old?.packages[architecture] ?? []
            let kept = isUpdating ? [] : known
            let chosen = try choice.packages()
            let found = try await concurrently(chosen, atMost: Self.parallelFetches) {
                package async throws(Diagnostic) in
                if let old = kept.first(where: { $0.name == package.name }) { return old }
                return try await self.locked(
                    package,
                    knownAs: known.first { $0.path == package.path },
                    of: suite,
                    from: places
                )
            }
            packages[architecture] = found
            if let note = choice.unmet(bases) { notes.append(note) }
        }
        let lock = BaseLock(
            suite: suite,
            releases: releases,
            definitions: Dictionary(definitions.map { ($0.name, $0.digest) }, uniquingKeysWith: { first, _ in first }),
            packages: packages,
            mirrors: defaults
        )
        return BaseLocker.Outcome(lock: lock, changes: BaseLockChanges(from: old, to: lock), notes: notes)
    }

    // MARK: Indexes

    private func index(
        of repository: String,
        _ directory: String,
        _ keys: [ApkKey],
        _ names: Set<String>,
        _ places: [String],
        _ old: BaseLock?
    ) async throws(Diagnostic) -> ApkIndexFile {
        let title = "\(repository)/\(directory)"
        let before = old?.releases.filter { $0.suite == title }.map(\.date).max()
        return try await client.file(
            "\(title)/\(ApkIndexFile.fileName)",
            from: places,
            limit: ApkIndexFile.sizeLimit,
            titled: "the index of `\(title)`"
        ) { (bytes, name) throws(Diagnostic) in
            let index = try ApkIndexFile(
                parsing: bytes,
                verifiedBy: keys,
                of: repository,
                for: directory,
                keeping: names.contains,
                named: name
            )
            guard let before, index.date < before else { return index }
            throw Diagnostic(
                .apkIndexOlder,
                "the index of `\(title)` is older than the one that the lock was made from",
                at: .file(path: name),
                because: "its newest package is of \(index.date), and that of the lock of \(before)",
                hint:
                    "the mirror is out of date, or gives out an old index to hide updates: use another one, or accept it with `--allow-older`"
            )
        }
    }

    // MARK: Packages

    private func locked(
        _ package: ApkPackage,
        knownAs known: BaseLock.Package?,
        of suite: DebianSuite,
        from places: [String]
    ) async throws(Diagnostic) -> BaseLock.Package {
        // What was fetched for the earlier lock is verified again: another package may have its name by now.
        if let known, known.size == package.size, let blob = try fetcher.cache.blob(known.descriptor),
            let locked = try? verified(package, in: blob, of: suite)
        {
            return locked
        }
        guard BaseLock.isSize(package.size) else {
            throw Diagnostic(
                .apkPackageOther,
                "the package `\(package.name)` is too large",
                at: .file(path: package.path),
                because: "the index says \(package.size) bytes"
            )
        }
        let blob = try await fetcher.fetch(
            unlocked: package.path,
            size: package.size,
            from: places,
            titled: "`\(package.name)` \(package.version)"
        )
        return try verified(package, in: blob, of: suite)
    }

    /// - Throws: `apk.package-other` unless `blob` is the package of the index; `apk.data-digest`, and what `ApkReader` throws.
    private func verified(
        _ package: ApkPackage,
        in blob: LocalBlob,
        of suite: DebianSuite
    ) throws(Diagnostic) -> BaseLock.Package {
        var reader = try ApkReader(try blob.open(), named: package.path)
        let control = reader.control
        func other(_ reason: String) -> Diagnostic {
            Diagnostic(
                .apkPackageOther,
                "`\(package.path)` is not the package that the signed index names",
                at: .file(path: package.path),
                because: reason,
                hint: "the mirror is out of step: try again later, or another one"
            )
        }
        guard reader.checksum == package.checksum else {
            throw other("its metadata has the checksum `\(reader.checksum)`, and the index says `\(package.checksum)`")
        }
        guard control.name == package.name, control.version == package.version.description,
            [package.architecture, "noarch"].contains(control.architecture)
        else {
            throw other(
                "it is `\(control.name.excerpt)` \(control.version.excerpt) for \(control.architecture.excerpt)"
            )
        }
        // To its end, where the digest of its files is compared.
        while try reader.next() != nil {}
        return BaseLock.Package(
            name: package.name,
            version: control.version,
            architecture: control.architecture,
            path: package.path,
            size: package.size,
            digest: blob.descriptor.digest
        )
    }

    // MARK: Keys

    /// The keys that may sign a repository.
    ///
    /// - Throws: `apk.key-missing` if there is none; `apk.key-other`, `key.…`.
    private func keys(_ wanted: [ApkRepositories.Key], of suite: DebianSuite) async throws(Diagnostic) -> [ApkKey] {
        var found = [ApkKey]()
        for path in keyFiles {
            guard let bytes = try Self.contents(of: path) else {
                throw Diagnostic(
                    .apkKeyMissing,
                    "the key `\(path.display)` cannot be read",
                    at: .option("--keyring"),
                    because: "there is no such file"
                )
            }
            found.append(try ApkKey(bytes, named: path.name, from: path.display))
        }
        guard keyFiles.isEmpty else { return found }
        for key in wanted where !found.contains(where: { $0.name == key.name }) {
            guard let (bytes, place) = try await contents(of: key) else { continue }
            let read = try ApkKey(bytes, named: key.name, from: place)
            if let digest = key.digest, read.fingerprint != digest {
                throw Diagnostic(
                    .apkKeyOther,
                    "the key `\(key.name)` is not the one that the definition names",
                    at: .file(path: place),
                    because: "its SHA-256 is \(read.fingerprint.hex), and the definition says \(digest.hex)"
                )
            }
            found.append(read)
        }
        guard found.isEmpty else { return found }
        throw Diagnostic(
            .apkKeyMissing,
            "there is no key to verify the indexes of `\(suite.name)` with",
            because: "neither the definition's directory nor "
                + "\(Self.usualKeys.map { "`\($0.display)`" }.joined(separator: " nor ")) has "
                + wanted.map { "`\($0.name)`" }.joined(separator: " or "),
            hint:
                "get the key from those who publish the system, and name its file with `--keyring FILE`; its name is to stay"
        )
    }

    /// The bytes of a key, and where they were; `nil` if it is in none of the places.
    private func contents(of key: ApkRepositories.Key) async throws(Diagnostic) -> ([UInt8], String)? {
        if let bytes = key.content { return (bytes, key.name) }
        for directory in Self.usualKeys {
            let path = directory.appending(key.name)
            if let bytes = try Self.contents(of: path) { return (bytes, path.display) }
        }
        guard let address = key.address, let slash = address.lastIndex(of: "/") else { return nil }
        let (folder, file) = (String(address[..<slash]), String(address[address.index(after: slash)...]))
        return try await client.file(
            file,
            from: [folder],
            limit: Self.keyLimit,
            titled: "the key `\(key.name)`"
        ) { (bytes, place) throws(Diagnostic) in (bytes, place) }
    }

    private static func contents(of path: FilePath) throws(Diagnostic) -> [UInt8]? {
        do throws(SystemError) {
            return try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(limit: keyLimit)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { return nil }
            var problem = error.diagnostic("read a key", path.display)
            problem.reason = error.description(readingAtMost: keyLimit)
            throw problem
        }
    }
}

extension Diagnostic.Code {
    package static let apkIndexOlder = Self("apk.index-older", .verification)
    package static let apkPackageOther = Self("apk.package-other", .verification)
    package static let apkKeyMissing = Self("apk.key-missing", .input)
    package static let apkKeyOther = Self("apk.key-other", .verification)
}
