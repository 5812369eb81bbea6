package import Diagnostics
package import OCI

/// A suite with its signed Release and its mirrors.
package struct SignedRelease: Sendable {
    /// Largest `InRelease`, in bytes. Real ones have a few hundred kilobytes.
    package static let sizeLimit = 8 << 20

    package let suite: String
    package let release: ReleaseFile
    /// The mirrors; the one that the Release came from is the first.
    package let mirrors: [String]

    package init(suite: String, release: ReleaseFile, mirrors: [String]) {
        self.suite = suite
        self.release = release
        self.mirrors = mirrors
    }

    /// Fetches `InRelease` from the first of `mirrors` whose signature verifies.
    ///
    /// - Parameter now: the time that the Release's dates are compared with.
    /// - Throws: the error of the first mirror if none verifies; `mirror.unreachable`, `mirror.has-not`.
    package init(
        fetching suite: String,
        from mirrors: [String],
        _ client: MirrorClient,
        verifiedBy gpgv: Gpgv,
        at now: Timestamp
    ) async throws(Diagnostic) {
        guard suite.isSuiteName else {
            throw Diagnostic(.suiteMalformed, "`\(String(printing: suite.utf8.prefix(80)))` is not a suite name")
        }
        var refusals = [MirrorRefusal]()
        var problem: Diagnostic?
        for mirror in mirrors {
            let path = "dists/\(suite)/InRelease"
            let name = "\(mirror)/\(path)"
            let file: [UInt8]
            do throws(MirrorRefusal) {
                file = try await client.bytes(of: path, at: mirror, limit: Self.sizeLimit)
            } catch {
                refusals.append(error)
                continue
            }
            do throws(Diagnostic) {
                let text = try await gpgv.verify(file, named: name)
                let release = try ReleaseFile(parsing: text, named: name)
                try release.verify(isFor: suite, at: now, named: name)
                self.init(suite: suite, release: release, mirrors: [mirror] + mirrors.filter { $0 != mirror })
                return
            } catch {
                if problem == nil { problem = error }
            }
        }
        throw problem ?? MirrorRefusal.diagnostic(refusals, for: "the Release of `\(suite)`")
    }

    /// The verified list of packages of one component for one architecture, by Debian's name. Packages for all architectures
    /// are among them.
    ///
    /// - Throws: `release.no-packages`, `mirror.out-of-step`, `mirror.has-not`, `mirror.unreachable`.
    package func packages(
        of component: String,
        for architecture: String,
        _ client: MirrorClient
    ) async throws(Diagnostic) -> PackagesFile {
        for compression in PackagesFile.Compression.allCases {
            let path = "\(component)/binary-\(architecture)/Packages\(compression.rawValue)"
            guard let promise = release.files[path] else { continue }
            guard promise.size <= PackagesFile.sizeLimit else {
                throw Diagnostic(
                    .releaseMalformed,
                    "the Release of `\(suite)` lists a file that is too large",
                    because: "`\(path)` has \(promise.size) bytes, over \(PackagesFile.sizeLimit)"
                )
            }
            let bytes = try await fetch(path, promise, client)
            return PackagesFile(bytes: bytes, compression: compression, suite: suite, mirrors: mirrors, path: path)
        }
        throw Diagnostic(
            .releaseNoPackages,
            "`\(suite)` has no packages for `\(architecture)` in `\(component)`",
            because: "its Release lists the architectures \(release.architectures.joined(separator: ", "))"
                + " and the components \(release.components.joined(separator: ", "))"
        )
    }

    private func fetch(
        _ path: String,
        _ promise: ReleaseFile.Promise,
        _ client: MirrorClient
    ) async throws(Diagnostic) -> [UInt8] {
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        let plain = "dists/\(suite)/\(path)"
        let byHash = "dists/\(suite)/\(folder)/by-hash/SHA256/\(promise.digest.hex)"
        var refusals = [MirrorRefusal]()
        for mirror in mirrors {
            for path in release.acquiresByHash ? [byHash, plain] : [plain] {
                do throws(MirrorRefusal) {
                    return try await client.bytes(of: path, at: mirror, promised: promise)
                } catch {
                    refusals.append(error)
                    if error.kind == .unreachable || error.kind == .interrupted { break }
                }
            }
        }
        throw MirrorRefusal.diagnostic(refusals, for: "`\(path)` of `\(suite)`")
    }
}

extension String {
    /// Whether it consists of words of letters, digits and `-._~+` with slashes between them, so that it cannot lead elsewhere.
    fileprivate var isSuiteName: Bool {
        utf8.count <= 128
            && utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { word in
                guard let first = word.first, first.isDigit || first.isLetter else { return false }
                return word.allSatisfy { $0.isDigit || $0.isLetter || "-._~+".utf8.contains($0) }
            }
    }
}

extension ReleaseFile {
    // The clocks of this machine and of the archive may differ a little.
    private static let clockTolerance: Int64 = 600

    /// - Throws: `release.wrong-suite` if it belongs to another suite, `release.from-future`, `release.expired`.
    package func verify(isFor suite: String, at now: Timestamp, named name: String) throws(Diagnostic) {
        guard suite == self.suite || suite == codename else {
            throw Diagnostic(
                .releaseWrongSuite,
                "what is signed for `\(suite)` is another suite",
                at: .file(path: name),
                because: "its suite is `\(self.suite)` and its codename `\(codename)`",
                hint: "name the suite by one of these, or use another mirror"
            )
        }
        guard date.secondsSince1970 <= now.secondsSince1970 + Self.clockTolerance else {
            throw Diagnostic(
                .releaseFromFuture,
                "the signed Release of `\(suite)` is from the future",
                at: .file(path: name),
                because: "its date is \(date), and now is \(now)",
                hint: "set this machine's clock"
            )
        }
        if let validUntil, validUntil < now {
            throw Diagnostic(
                .releaseExpired,
                "the signed Release of `\(suite)` has expired",
                at: .file(path: name),
                because: "it was valid until \(validUntil), and now is \(now)",
                hint: "the mirror is no longer updated: use another one"
            )
        }
    }
}

extension Diagnostic.Code {
    package static let suiteMalformed = Self("debian.suite-malformed", .usage)
    package static let releaseWrongSuite = Self("release.wrong-suite", .verification)
    package static let releaseFromFuture = Self("release.from-future", .verification)
    package static let releaseExpired = Self("release.expired", .verification)
    package static let releaseNoPackages = Self("release.no-packages", .notFound)
}
