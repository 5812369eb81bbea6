import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI
import Request
import Rootfs
import Stack

/// What the runtime layer of all images brings.
struct RuntimePlan: Hashable, Sendable {
    /// What the user wants.
    let wanted: BuildRequest.Runtime
    /// What the layer has without a base below it.
    private(set) var options: RuntimeOptions
    /// PEM of the authorities that the user brings; `nil` if there are none.
    let ownCertificates: [UInt8]?

    /// Reads the certificates that the user brings; the plan is `nil` if there is to be no runtime layer, or if reading
    /// fails.
    static func read(_ request: BuildRequest) -> Checked<RuntimePlan?> {
        guard let wanted = request.runtime else { return Checked(nil) }
        var reader = CertificateReader(request)
        let certificates = reader.certificates(wanted.certificates)
        let plan = certificates.map { certificates in
            RuntimePlan(
                wanted: wanted,
                options: RuntimeOptions(certificates: certificates, includesZoneinfo: wanted.includesZoneinfo),
                ownCertificates: reader.own
            )
        }
        return Checked(plan, reader.remarks)
    }

    /// The same without what none of the images has a use for, if the user wants no more than that.
    func narrowed(to needs: [ApplicationNeeds]) -> RuntimePlan {
        guard wanted.isMinimal else { return self }
        var plan = self
        for part in RuntimePart.allCases where !needs.contains(where: { $0.wants(part, wanted) }) {
            plan.options.omitted.insert(part)
        }
        return plan
    }

    /// `stack` with the runtime layer on it: what a program needs and the base does not have.
    ///
    /// - Parameter javaHome: where the base says that Java is; `nil` if it does not.
    func added(to stack: LayerStack, javaHome: String? = nil) -> Checked<LayerStack> {
        var remarks = Remarks()
        var result = stack
        if stack.base == nil { add(to: &result, &remarks) } else { addMissing(to: &result, javaHome, &remarks) }
        return Checked(result, remarks)
    }

    private func add(to stack: inout LayerStack, _ remarks: inout Remarks) {
        guard let entries = remarks.collect({ () throws(Diagnostic) in try RuntimeLayer.entries(options) }) else {
            return
        }
        // The small parts are named if there are fewer than usual.
        let named: [RuntimePart] =
            options.omitted.isEmpty ? [.certificates, .zoneinfo, .accounts] : RuntimePart.allCases
        let parts = named.filter(options.includes).map(\.title)
        guard !parts.isEmpty else { return }
        stack.add(
            entries,
            as: .runtime,
            createdBy: LayerStep.runtime(parts),
            &remarks.problems
        )
    }
}

/// Reads the certificates that the user brings.
private struct CertificateReader {
    private let request: BuildRequest
    var remarks = Remarks()
    /// PEM of those that were read; `nil` if there are none.
    private(set) var own: [UInt8]?

    init(_ request: BuildRequest) { self.request = request }

    mutating func certificates(_ wanted: BuildRequest.Certificates) -> RuntimeOptions.Certificates? {
        switch wanted {
        case .none: return RuntimeOptions.Certificates.none
        case .embedded(adding: []): return .embedded
        case .embedded(let files):
            guard let own = bundle(files) else { return nil }
            self.own = own.pem
            return remarks.collect { () throws(Diagnostic) in
                .bundle(try CertificateBundle.embedded().merged(with: own).pem)
            }
        case .only(let files):
            guard let own = bundle(files) else { return nil }
            self.own = own.pem
            return .bundle(own.pem)
        }
    }

    private mutating func bundle(_ files: [FilePath]) -> CertificateBundle? {
        var all: CertificateBundle?
        for file in files {
            let bundle = remarks.collect { () throws(Diagnostic) in
                try CertificateBundle(
                    pem: try Self.readSmall(file, limit: CertificateBundle.sizeLimit),
                    from: file.display
                )
            }
            guard let bundle else { continue }
            remarks.notes += Self.trusted(bundle, file)
            for var warning in bundle.expired(at: validityTime) {
                warning.subject = .file(path: file.display)
                remarks.notes.append(warning)
            }
            all = all?.merged(with: bundle) ?? bundle
        }
        return all
    }

    /// Authorities have to be valid when the image is made, and when it will run: the later of what is known of both.
    private var validityTime: Int64? {
        guard case .at(let moment, _) = request.created else { return request.askedAt }
        return max(moment.secondsSince1970, request.askedAt ?? .min)
    }

    /// So many authorities of a file are named, and of more only their number.
    private static let mostNamed = 5

    /// What a file of authorities makes an image trust.
    private static func trusted(_ bundle: CertificateBundle, _ file: FilePath) -> [Diagnostic] {
        let certificates = bundle.certificates
        guard certificates.count > mostNamed else {
            return certificates.map { certificate in
                Diagnostic(
                    .planTrusted,
                    "trusts `\(certificate.subject)`, valid until \(certificate.lastDay)",
                    at: .file(path: file.display),
                    because: "SHA-256 fingerprint \(certificate.fingerprint)"
                )
            }
        }
        // What everyone trusts hides what only this file brings.
        let usual = Set((try? CertificateBundle.embedded())?.certificates ?? [])
        let own = certificates.filter { !usual.contains($0) }.sorted { $0.subject < $1.subject }
        var reason = "\(certificates.count - own.count) of them are among Debian's, which coracle has, too"
        if !own.isEmpty {
            let shown = own.prefix(mostNamed).map { "`\($0.subject)`" }.joined(separator: ", ")
            let more = own.count > mostNamed ? ", and \(own.count - mostNamed) more" : ""
            reason += "; the others are \(shown)\(more)"
        }
        return [
            Diagnostic(
                .planTrusted,
                "trusts \(certificates.count) certificate authorities",
                at: .file(path: file.display),
                because: reason
            )
        ]
    }

    private static func readSmall(_ path: FilePath, limit: Int) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile.content(of: path, limit: limit)
        } catch {
            throw Diagnostic(
                .planUnreadable,
                "`\(path.display)` cannot be read",
                at: .file(path: path.display),
                because: error.description(readingAtMost: limit),
                hint: "check the path and its mode"
            )
        }
    }
}

extension Diagnostic.Code {
    static let planTrusted = Self("plan.trusted", .input)
    static let planUnreadable = Self("plan.unreadable", .input)
}
