package import Diagnostics
package import Layers

/// What of the runtime layer can be chosen.
package struct RuntimeOptions: Hashable, Sendable {
    package enum Certificates: Hashable, Sendable {
        /// Debian's, as they are in coracle itself.
        case embedded
        case none
        /// PEM, as `CertificateBundle.pem` gives it.
        case bundle([UInt8])
    }

    package var certificates: Certificates
    package var includesZoneinfo: Bool

    package init(certificates: Certificates = .embedded, includesZoneinfo: Bool = true) {
        self.certificates = certificates
        self.includesZoneinfo = includesZoneinfo
    }
}

/// The layer that a program needs below it where there is no base: accounts, name lookup, certificates, time zones,
/// and a place for temporary files.
package enum RuntimeLayer {
    /// The entries: sorted, parents first, the root directory included, times 1970.
    ///
    /// The same options always give the same entries.
    /// - Throws: `zoneinfo.malformed`, which no user can cause.
    package static func entries(_ options: RuntimeOptions = RuntimeOptions()) throws(Diagnostic) -> [LayerEntry] {
        var entries = Accounts.entries + NameService.entries + OSRelease.entries + Directories.entries
        switch options.certificates {
        case .embedded: entries += Certificates.entries(Certificates.embedded)
        case .none: break
        case .bundle(let pem): entries += Certificates.entries(pem)
        }
        if options.includesZoneinfo { entries += try Zoneinfo.entries() }
        entries += Directories.missing(from: entries)
        return entries.sorted { $0.path < $1.path }
    }
}
