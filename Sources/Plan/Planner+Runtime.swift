import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI
import Rootfs
import Stack

extension Planner {
    /// Reads the certificates that the user brings; nil if there is to be no runtime layer, or if that fails.
    mutating func runtimeOptions() -> RuntimeOptions? {
        guard let runtime = request.runtime, let certificates = certificates(runtime.certificates) else { return nil }
        return RuntimeOptions(certificates: certificates, includesZoneinfo: runtime.includesZoneinfo)
    }

    /// `options` without what none of the images has a use for, where the user wants no more than that.
    func runtimeOptions(_ options: RuntimeOptions?, for needs: [ApplicationNeeds]) -> RuntimeOptions? {
        guard var options, let runtime = request.runtime, runtime.isMinimal else { return options }
        for part in RuntimePart.allCases where !needs.contains(where: { $0.wants(part, runtime) }) {
            options.omitted.insert(part)
        }
        return options
    }

    /// Adds what a program needs below it and what `base`, whose stack it is, does not have.
    mutating func addRuntime(_ options: RuntimeOptions, to stack: inout LayerStack, on base: Base?) {
        guard let share else { return addRuntime(options, to: &stack) }
        let key = PlanShare.RuntimeKey(base: base?.manifest.digest, wanted: request.runtime, options: options)
        let shared = share.runtime(key) {
            var planner = Planner(request)
            planner.ownCertificates = ownCertificates
            var stack = stack
            planner.addRuntime(options, to: &stack)
            return PlanShare.Runtime(stack: stack, notes: planner.notes, problems: planner.problems)
        }
        stack = shared.stack
        notes += shared.notes
        problems.add(shared.problems)
    }

    private mutating func addRuntime(_ options: RuntimeOptions, to stack: inout LayerStack) {
        guard stack.base == nil else { return addRuntimeOnBase(options, to: &stack) }
        guard let entries = problems.collect({ () throws(Diagnostic) in try RuntimeLayer.entries(options) }) else {
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
            createdBy: "coracle: runtime layer (\(parts.joined(separator: ", ")))",
            &problems
        )
    }

    private mutating func certificates(_ wanted: BuildRequest.Certificates) -> RuntimeOptions.Certificates? {
        switch wanted {
        case .none: return RuntimeOptions.Certificates.none
        case .embedded(adding: []): return .embedded
        case .embedded(let files):
            guard let own = bundle(files) else { return nil }
            ownCertificates = own.pem
            return problems.collect { () throws(Diagnostic) in
                .bundle(try CertificateBundle.embedded().merged(with: own).pem)
            }
        case .only(let files):
            guard let own = bundle(files) else { return nil }
            ownCertificates = own.pem
            return .bundle(own.pem)
        }
    }

    private mutating func bundle(_ files: [FilePath]) -> CertificateBundle? {
        var all: CertificateBundle?
        for file in files {
            let bundle = problems.collect { () throws(Diagnostic) in
                try CertificateBundle(
                    pem: try Self.readSmall(file, limit: CertificateBundle.sizeLimit),
                    from: file.display
                )
            }
            guard let bundle else { continue }
            for certificate in bundle.certificates {
                notes.append(
                    Diagnostic(
                        .planTrusted,
                        "trusts `\(certificate.subject)`, valid until \(certificate.lastDay)",
                        at: .file(path: file.display),
                        because: "SHA-256 fingerprint \(certificate.fingerprint)"
                    )
                )
            }
            if case .at(let moment, _) = request.created { notes += bundle.expired(at: moment.secondsSince1970) }
            all = all?.merged(with: bundle) ?? bundle
        }
        return all
    }

    private static func readSmall(_ path: FilePath, limit: Int) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(limit: limit)
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
