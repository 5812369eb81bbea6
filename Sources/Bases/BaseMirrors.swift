package import ByteIO
import Debian
package import Diagnostics
import HTTP
import OCI

/// The mirrors that packages are fetched from.
package struct BaseMirrors: Sendable {
    /// The mirrors that are asked for everything, in this order; empty to use those of apt's configuration.
    package let named: [String]
    /// The archives of snapshots that are asked for what no mirror has any more, in this order.
    package let snapshots: [String]
    /// The mirrors that are asked for apk packages, in this order; empty to use those of definitions.
    package let apk: [String]
    private let apt: AptSources

    /// Named mirrors take precedence over those of the environment, and these over apt's.
    ///
    /// - Parameters:
    ///   - named: the mirrors that the user named; an absolute path is a directory of this machine.
    ///   - snapshots: the archives of snapshots that the user named, in the same way.
    ///   - environment: the process's variables, for `CORACLE_DEBIAN_MIRROR`, `CORACLE_APK_MIRROR` and
    ///     `CORACLE_DEBIAN_SNAPSHOT`: addresses separated by spaces.
    ///   - apt: the directory of apt's configuration.
    /// - Throws: `base.mirror-malformed`, `apt.sources-malformed`.
    package init(
        named: [String] = [],
        snapshots: [String] = [],
        environment: [String: String] = [:],
        apt: FilePath = "/etc/apt"
    ) throws(Diagnostic) {
        let mirrors = try Self.addresses(named, "--mirror", environment, "CORACLE_DEBIAN_MIRROR")
        self.named = mirrors
        apk = try Self.addresses(named, "--mirror", environment, "CORACLE_APK_MIRROR")
        self.snapshots = try Self.addresses(snapshots, "--snapshot", environment, "CORACLE_DEBIAN_SNAPSHOT")
        self.apt = mirrors.isEmpty ? try AptSources(readingFrom: apt) : AptSources([])
    }

    /// Those that an option named, else those of a variable: each once, without a slash at the end.
    private static func addresses(
        _ typed: [String],
        _ option: String,
        _ environment: [String: String],
        _ variable: String
    ) throws(Diagnostic) -> [String] {
        let texts = typed.isEmpty ? (environment[variable] ?? "").split(separator: " ").map(String.init) : typed
        var addresses = [String]()
        for text in texts {
            if text.hasPrefix("/") {
                if !addresses.contains(text) { addresses.append(text) }
                continue
            }
            do throws(Diagnostic) {
                _ = try HTTPURL(parsing: text)
            } catch {
                throw Diagnostic(
                    .baseMirrorMalformed,
                    "this is not the address of a mirror",
                    at: .option(typed.isEmpty ? variable : option),
                    because: error.reason ?? error.summary,
                    hint: "write it like `http://mirror.example.org/debian`; a directory begins with `/`"
                )
            }
            var address = text[...]
            while address.last == "/" { address = address.dropLast() }
            if !addresses.contains(String(address)) { addresses.append(String(address)) }
        }
        return addresses
    }

    /// The mirrors that need no connection: directories of this machine.
    func withoutNetwork() -> BaseMirrors {
        BaseMirrors(
            directories: named.filter { $0.hasPrefix("/") },
            apk: apk.filter { $0.hasPrefix("/") },
            snapshots: snapshots.filter { $0.hasPrefix("/") }
        )
    }

    private init(directories: [String], apk: [String], snapshots: [String]) {
        named = directories
        self.apk = apk
        self.snapshots = snapshots
        apt = AptSources([])
    }

    /// Whether there is a place that needs no connection, or a place that the user named.
    var hasNamed: Bool { !named.isEmpty || !snapshots.isEmpty || !apk.isEmpty }

    /// The mirrors of one archive, such as `bookworm-security`, in the order to ask them.
    ///
    /// If apt is configured for another release only, its mirrors are asked, because they have all supported releases.
    package func mirrors(of archive: String) -> [String] {
        if !named.isEmpty { return named }
        let mirrors = apt.mirrors(of: archive)
        guard
            mirrors.isEmpty,
            let index = DebianSuite.known.compactMap({ $0.archives.firstIndex(of: archive) }).first
        else { return mirrors }
        return DebianSuite.known.map { apt.mirrors(of: $0.archives[index]) }.first { !$0.isEmpty } ?? []
    }

    /// The mirrors for a package of `lock`, the most likely ones first.
    ///
    /// - Throws: `base.no-mirror`, unless there is an archive of snapshots.
    func mirrors(of package: BaseLock.Package, in lock: BaseLock) throws(Diagnostic) -> [String] {
        let suite = lock.suite
        if suite.format == .apk { return try mirrors(of: suite, else: lock.mirrors) }
        if snapshots.isEmpty { try require(suite) }
        let archives = package.isSecurityUpdate ? Array(suite.archives.reversed()) : suite.archives
        var mirrors = [String]()
        for mirror in archives.flatMap({ self.mirrors(of: $0) }) where !mirrors.contains(mirror) {
            mirrors.append(mirror)
        }
        return mirrors
    }

    /// The places where an archive of snapshots has `package`, as mirrors: what its archive was when `lock` was made.
    ///
    /// A snapshot is `debian/20261121T100000Z`, or `debian-security/…`, and holds what a mirror held at that time. The one
    /// of the day after comes first: the index was on the mirrors by then, and packages stay for days.
    func snapshots(of package: BaseLock.Package, in lock: BaseLock) -> [String] {
        guard lock.suite.format == .deb else { return [] }
        let security = lock.suite.archives.last
        let dates = lock.releases.filter { ($0.suite == security) == package.isSecurityUpdate }.map(\.date)
        let archive = package.isSecurityUpdate ? "debian-security" : "debian"
        var places = [String]()
        for date in Set(dates).sorted(by: >) {
            for time in [date.secondsSince1970 + 86_400, date.secondsSince1970] {
                let moment = Timestamp(secondsSince1970: time).description.filter { $0 != "-" && $0 != ":" }
                places += snapshots.map { "\($0)/\(archive)/\(moment)" }
            }
        }
        return places
    }

    /// The mirrors for apk packages: those that were named, else `defaults`.
    ///
    /// - Throws: `base.no-mirror`.
    package func mirrors(of suite: DebianSuite, else defaults: [String]) throws(Diagnostic) -> [String] {
        let mirrors = apk.isEmpty ? defaults : apk
        guard mirrors.isEmpty else { return mirrors }
        throw Diagnostic(
            .baseNoMirror,
            "there is no mirror to get the packages of `\(suite.name)` from",
            because: "the definition names none",
            hint: "name one with `--mirror URL`, or set `CORACLE_APK_MIRROR`"
        )
    }

    /// - Throws: `base.no-mirror`, with a hint what to set, if there is no mirror for the release of `suite`.
    package func require(_ suite: DebianSuite) throws(Diagnostic) {
        guard mirrors(of: suite.codename).isEmpty else { return }
        throw Diagnostic(
            .baseNoMirror,
            "there is no mirror to get the packages of `\(suite.name)` from",
            because: "apt is not configured with a release of Debian on this machine",
            hint: "name one with `--mirror URL`, or set `CORACLE_DEBIAN_MIRROR`"
        )
    }
}

extension BaseLock.Package {
    /// Security updates are in an archive of their own.
    fileprivate var isSecurityUpdate: Bool { path.hasPrefix("pool/updates/") }
}

extension Diagnostic.Code {
    package static let baseMirrorMalformed = Self("base.mirror-malformed", .usage)
    package static let baseNoMirror = Self("base.no-mirror", .input)
}
