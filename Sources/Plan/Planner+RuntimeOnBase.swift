package import Diagnostics
import Gate
import Layers
package import Rootfs
package import Stack

extension Planner {
    /// Adds what the base of `stack` lacks.
    mutating func addRuntimeOnBase(_ options: RuntimeOptions, to stack: inout LayerStack) {
        let base = stack
        var gaps = RuntimeGaps { path in base[EntryPath(normalizing: path)] != nil || base.find(path) != nil }
        gaps.hasZoneinfo = base.find("/usr/share/zoneinfo")?.isDirectory ?? false
        gaps.hasNameService = base.find("/etc/nsswitch.conf") != nil
        gaps.hasTemporaryDirectory = base.find("/tmp")?.isDirectory ?? false
        let bundle = KnownPlaces.bundles.lazy.compactMap { base.find($0) }.first { !$0.isDirectory }
        gaps.hasCertificates = bundle != nil
        let prepared = problems.collect { [request, ownCertificates] () throws(Diagnostic) in
            gaps.passwd = try base.content("/etc/passwd")
            gaps.group = try base.content("/etc/group")
            if let bundle, let pem = ownCertificates {
                gaps.bundle = (bundle.path, try Self.extended(bundle, by: pem, in: base, request))
            }
            var (entries, parts) = try RuntimeLayer.entries(options, filling: gaps)
            // Java looks into no other file.
            if let bundle = gaps.bundle, let store = base.find("/\(JavaTrustStore.path)"), store.kind == .file {
                let authorities = try CertificateBundle(pem: bundle.bytes, from: bundle.path.description)
                entries.append(LayerEntry(store.path, .bytes(JavaTrustStore.encode(authorities)), mode: 0o644))
                parts.append("CA certificates for Java")
            }
            return (entries, parts)
        }
        guard let (entries, parts) = prepared else { return }
        for (path, file) in [("/etc/passwd", gaps.passwd), ("/etc/group", gaps.group)] {
            if let file { noteOddLines(AccountFile(file.bytes), path) }
        }
        stack.add(
            entries,
            as: .runtime,
            createdBy: "coracle: runtime layer (\(parts.joined(separator: ", ")))",
            &problems
        )
    }

    /// The base's bundle with `pem` behind it; `pem` alone where the user wants no others.
    private static func extended(
        _ bundle: StackEntry,
        by pem: [UInt8],
        in base: LayerStack,
        _ request: BuildRequest
    ) throws(Diagnostic) -> [UInt8] {
        if case .only = request.runtime?.certificates { return pem }
        guard let bytes = base.base?.content(of: bundle.path) else {
            throw Diagnostic(
                .planBundleUnreadable,
                "nothing can be added to the base's certificates",
                because: "`\(bundle.path)` is larger than 4 MiB, or not a file",
                hint: "replace them with `--ca-only`"
            )
        }
        return bytes + (bytes.last == UInt8(ascii: "\n") || bytes.isEmpty ? [] : [UInt8(ascii: "\n")]) + pem
    }

    private mutating func noteOddLines(_ file: AccountFile, _ path: String) {
        var reasons = [String]()
        if file.hasCarriageReturns { reasons.append("its lines end in CR LF, which programs read as a part of them") }
        if let line = file.malformedLines.first { reasons.append("line \(line) is not an account") }
        guard !reasons.isEmpty else { return }
        notes.append(
            Diagnostic(
                .planOddAccounts,
                "the base's `\(path)` is malformed, and stays as it is",
                because: reasons.joined(separator: "; ")
            )
        )
    }
}

extension LayerStack {
    /// What an absolute path leads to.
    package func find(_ path: String) -> StackEntry? { resolve(EntryPath(normalizing: path)) }

    /// A small file of the base, where it really is; nil if there is none.
    ///
    /// - Throws: `plan.base-unreadable` if it is not a file, or too large for its kind.
    package func content(_ path: String) throws(Diagnostic) -> RuntimeGaps.Replacement? {
        guard let entry = find(path) else { return nil }
        guard entry.kind == .file, let bytes = base?.content(of: entry.path) else {
            throw Diagnostic(
                .planBaseUnreadable,
                "the base's `\(path)` cannot be read",
                because: entry.kind == .file ? "it is larger than 64 KiB, or named otherwise" : "it is \(entry.origin)",
                hint: "leave the base's accounts alone with `--no-runtime`"
            )
        }
        return (entry.path, bytes)
    }
}

extension Diagnostic.Code {
    static let planBundleUnreadable = Self("plan.bundle-unreadable", .input)
    static let planBaseUnreadable = Self("plan.base-unreadable", .input)
    static let planOddAccounts = Self("plan.odd-accounts", .input)
}
