import Diagnostics
import Gate
import Layers
import Request
import Rootfs
import Stack

extension RuntimePlan {
    /// Adds what the base of `stack` lacks.
    func addMissing(to stack: inout LayerStack, _ javaHome: String?, _ remarks: inout Remarks) {
        let base = stack
        var gaps = RuntimeGaps { path in base[EntryPath(normalizing: path)] != nil || base.find(path) != nil }
        gaps.hasZoneinfo = base.find("/usr/share/zoneinfo")?.isDirectory ?? false
        gaps.hasNameService = base.find("/etc/nsswitch.conf") != nil
        gaps.hasTemporaryDirectory = base.find("/tmp")?.isDirectory ?? false
        let bundle = KnownPlaces.bundles.lazy.compactMap { base.find($0) }.first { !$0.isDirectory }
        gaps.hasCertificates = bundle != nil
        var options = options
        do throws(Diagnostic) {
            gaps.passwd = try base.content("/etc/passwd")
            gaps.group = try base.content("/etc/group")
        } catch {
            // Parts that are added unasked never refuse a build.
            options.omitted.insert(.accounts)
            remarks.notes.append(error)
        }
        let prepared = remarks.collect { () throws(Diagnostic) in
            if let bundle, let pem = ownCertificates {
                gaps.bundle = RuntimeGaps.Replacement(bundle.path, try extended(bundle, by: pem, in: base))
            }
            var filling = try RuntimeLayer.entries(options, filling: gaps)
            // Java looks into no other file.
            if ownCertificates != nil, case .bundle(let own) = options.certificates,
                let store = BaseJava.trustStore(in: base, javaHome)
            {
                let name = gaps.bundle?.path.description ?? Certificates.path
                let authorities = try CertificateBundle(pem: gaps.bundle?.bytes ?? own, from: name)
                let bytes = JavaTrustStore.encode(authorities)
                filling.entries.append(LayerEntry(store.path, .bytes(bytes), mode: FileModes.plain))
                filling.parts.append("CA certificates for Java")
            }
            return filling
        }
        guard let filling = prepared else { return }
        for (path, file) in [("/etc/passwd", gaps.passwd), ("/etc/group", gaps.group)] {
            if let file { remarks.notes += Self.oddLines(ParsedAccountFile(file.bytes), path) }
        }
        // Parts that are added unasked never refuse a build: one that has no place on the base is left out.
        var problems = Problems()
        stack.add(
            filling.entries,
            as: .runtime,
            createdBy: LayerStep.runtime(filling.parts),
            &problems
        )
        if ownCertificates == nil { remarks.notes += problems.diagnostics } else { remarks.problems.add(problems) }
    }

    /// The base's bundle with `pem` behind it; `pem` alone where the user wants no others.
    private func extended(
        _ bundle: StackEntry,
        by pem: [UInt8],
        in base: LayerStack
    ) throws(Diagnostic) -> [UInt8] {
        if case .only = wanted.certificates { return pem }
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

    private static func oddLines(_ file: ParsedAccountFile, _ path: String) -> [Diagnostic] {
        var reasons = [String]()
        if file.hasCarriageReturns { reasons.append("its lines end in CR LF, which programs read as a part of them") }
        if let line = file.malformedLines.first { reasons.append("line \(line) is not an account") }
        guard !reasons.isEmpty else { return [] }
        return [
            Diagnostic(
                .planOddAccounts,
                "the base's `\(path)` is malformed, and stays as it is",
                because: reasons.joined(separator: "; ")
            )
        ]
    }
}

extension Diagnostic.Code {
    static let planBundleUnreadable = Self("plan.bundle-unreadable", .input)
    static let planOddAccounts = Self("plan.odd-accounts", .input)
}
