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
    /// What is left out besides.
    package var omitted: Set<RuntimePart> = []

    package init(certificates: Certificates = .embedded, includesZoneinfo: Bool = true) {
        self.certificates = certificates
        self.includesZoneinfo = includesZoneinfo
    }

    /// Whether the user, or what is known of the programs, wants it.
    package func includes(_ part: RuntimePart) -> Bool {
        if omitted.contains(part) { return false }
        return switch part {
        case .certificates: certificates != .none
        case .zoneinfo: includesZoneinfo
        case .accounts, .nameService, .temporaryDirectory, .osRelease: true
        }
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
        var entries = [LayerEntry]()
        for part in RuntimePart.allCases where options.includes(part) { entries += try Self.entries(of: part, options) }
        entries += Directories.missing(from: entries)
        return entries.sorted { $0.path < $1.path }
    }

    /// Size of the layer with the usual options as it is stored, in bytes.
    ///
    /// - Throws: `zoneinfo.malformed`, which no user can cause.
    package static func compressedSize() throws(Diagnostic) -> Int64 {
        try LayerBlueprint(.runtime, createdBy: "", entries: try entries()).compressedSize(.shared)
    }

    private static func entries(of part: RuntimePart, _ options: RuntimeOptions) throws(Diagnostic) -> [LayerEntry] {
        switch part {
        case .certificates:
            switch options.certificates {
            case .embedded: Certificates.entries(Certificates.embedded)
            case .none: []
            case .bundle(let pem): Certificates.entries(pem)
            }
        case .zoneinfo: try Zoneinfo.entries()
        case .accounts: Accounts.entries
        case .nameService: NameService.entries
        case .temporaryDirectory: Directories.entries
        case .osRelease: OSReleaseFile.entries
        }
    }
}
