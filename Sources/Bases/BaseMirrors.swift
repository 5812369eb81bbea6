package import ByteIO
import Debian
package import Diagnostics
import HTTP

/// The mirrors that packages are fetched from.
package struct BaseMirrors: Sendable {
    /// The mirrors that are asked for everything, in this order; empty to use those of apt's configuration.
    package let named: [String]
    private let apt: AptSources

    /// Named mirrors take precedence over those of the environment, and these over apt's.
    ///
    /// - Parameters:
    ///   - named: the mirrors that the user named; an absolute path is a directory of this machine.
    ///   - environment: the process's variables, for `CORACLE_DEBIAN_MIRROR`: addresses separated by spaces.
    ///   - apt: the directory of apt's configuration.
    /// - Throws: `base.mirror-malformed`, `apt.sources-malformed`.
    package init(
        named: [String] = [],
        environment: [String: String] = [:],
        apt: FilePath = "/etc/apt"
    ) throws(Diagnostic) {
        let variable = (environment["CORACLE_DEBIAN_MIRROR"] ?? "").split(separator: " ").map(String.init)
        let (texts, origin) = named.isEmpty ? (variable, "CORACLE_DEBIAN_MIRROR") : (named, "--mirror")
        var mirrors = [String]()
        for text in texts {
            if text.hasPrefix("/") {
                if !mirrors.contains(text) { mirrors.append(text) }
                continue
            }
            do throws(Diagnostic) {
                _ = try HTTPURL(parsing: text)
            } catch {
                throw Diagnostic(
                    .baseMirrorMalformed,
                    "this is not the address of a mirror",
                    at: .option(origin),
                    because: error.reason ?? error.summary,
                    hint: "write it like `http://mirror.example.org/debian`; a directory begins with `/`"
                )
            }
            var mirror = text[...]
            while mirror.last == "/" { mirror = mirror.dropLast() }
            if !mirrors.contains(String(mirror)) { mirrors.append(String(mirror)) }
        }
        self.named = mirrors
        self.apt = mirrors.isEmpty ? try AptSources(readingFrom: apt) : AptSources([])
    }

    /// The mirrors that need no connection: directories of this machine.
    func withoutNetwork() -> BaseMirrors {
        BaseMirrors(directories: named.filter { $0.hasPrefix("/") })
    }

    private init(directories: [String]) {
        named = directories
        apt = AptSources([])
    }

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

    /// The mirrors for a package of `suite`, the most likely ones first.
    ///
    /// - Throws: `base.no-mirror`.
    func mirrors(of package: BaseLock.Package, in suite: DebianSuite) throws(Diagnostic) -> [String] {
        try require(suite)
        // Security updates are in an archive of their own.
        let isSecurity = package.path.hasPrefix("pool/updates/")
        let archives = isSecurity ? Array(suite.archives.reversed()) : suite.archives
        var mirrors = [String]()
        for mirror in archives.flatMap({ self.mirrors(of: $0) }) where !mirrors.contains(mirror) {
            mirrors.append(mirror)
        }
        return mirrors
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

extension Diagnostic.Code {
    package static let baseMirrorMalformed = Self("base.mirror-malformed", .usage)
    package static let baseNoMirror = Self("base.no-mirror", .input)
}
