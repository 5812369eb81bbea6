package import Advisories
package import ByteIO
package import Diagnostics
import ELF
import Findings
import Gate
import Glibc
package import Images
package import OCI
import Plan
import Pods
package import Request
import Stack

/// What `coracle check` is asked about.
package enum CheckSubject: Hashable, Sendable {
    /// A finished image.
    case image(ImageLocation)
    /// Programs or an application directory, as `build` would put them into an image.
    case application([FilePath])

    /// Decides by what exists at the path: a layout or an archive is an image, another directory or a program is an
    /// application, and everything else is a reference or a base of the catalogue.
    ///
    /// - Throws: `reference.malformed`, `location.malformed`.
    package init(parsing texts: [String], hasBase: Bool, _ access: ImageAccess) throws(Diagnostic) {
        let paths = texts.map { FilePath($0) }
        if hasBase || texts.count != 1 || paths.contains(where: Self.isApplication) {
            self = .application(paths)
        } else if texts[0].hasPrefix("docker://") {
            self = .image(.registry(try ImageLocation.reference(parsing: texts[0])))
        } else {
            self = .image(try Self.image(texts[0], access))
        }
    }

    /// A finished image, and nothing that could become one.
    ///
    /// - Throws: `check.not-found`, also for programs and application directories; `reference.malformed`.
    package static func image(named text: String, _ access: ImageAccess) throws(Diagnostic) -> ImageLocation {
        switch try CheckSubject(parsing: [text], hasBase: false, access) {
        case .image(let location): return location
        case .application:
            throw Diagnostic(
                .checkNotFound,
                "`\(text)` is not an image",
                at: .option(text),
                because: "it is a program or an application directory",
                hint: "build an image of it first, with `coracle build \(text)`, and name that"
            )
        }
    }

    /// A word that could be a name of Docker Hub is rather a mistyped path.
    private static func image(_ text: String, _ access: ImageAccess) throws(Diagnostic) -> ImageLocation {
        let location = try access.location(ofBase: text)
        guard case .registry(let reference) = location, !text.utf8.contains(UInt8(ascii: ":")),
            !text.hasPrefix("\(reference.registry)/")
        else { return location }
        throw Diagnostic(
            .checkNotFound,
            "there is no `\(text)` to check",
            at: .option(text),
            because: "it is neither a file nor a base of the catalogue",
            hint: "name an image, a program or a directory; write `docker://\(text)` for an image of a registry"
        )
    }

    private static func isApplication(_ path: FilePath) -> Bool {
        switch (try? FileStatus(at: path, following: true))?.kind {
        case .directory?: return (try? FileStatus(at: path.appending("oci-layout"))) == nil
        case .regular?:
            let start = try? OpenFile(path, O_RDONLY | O_NONBLOCK).bytes(at: 0, count: FileKind.windowSize)
            switch start.map(FileKind.init) {
            case .elf?, .script?: return true
            default: return false
            }
        default: return false
        }
    }
}

/// Checks images and what could become one.
package struct ImageChecker: Sendable {
    private let access: ImageAccess
    private let options: GateOptions
    private let describesPod: Bool
    private let advisories: AdvisoryFile?
    private let pods: PodFile?

    /// - Parameters:
    ///   - access: the way to images and bases.
    ///   - advisories: what is known of vulnerabilities, for finished images; `nil` if that is not looked at.
    ///   - describesPod: whether it is to be said what a Kubernetes pod needs to run the image.
    ///   - pods: what finished images are compared with; `nil` if that is not asked.
    package init(
        _ access: ImageAccess,
        _ options: GateOptions = GateOptions(),
        describesPod: Bool = false,
        advisories: AdvisoryFile? = nil,
        pods: PodFile? = nil
    ) {
        self.access = access
        self.advisories = advisories
        self.pods = pods
        self.options = options
        self.describesPod = describesPod
    }

    /// Checks the images at `location`, for `platforms` or for all that it has.
    ///
    /// - Throws: what keeps them from being read.
    package func check(_ location: ImageLocation, for platforms: [Platform]) async throws(Diagnostic) -> CheckReport {
        var images = [CheckReport.Image]()
        // One after the other, as the files of each take room on the disk.
        for candidate in try await FinishedImage.candidates(at: location, for: platforms, access) {
            let image = try await candidate.open()
            let findings = try image.gateFindings(access)
            let vulnerabilities = try image.findings(by: advisories, allowing: options)
            let asked =
                try pods?.findings(about: image, called: try ImageLinter.names(of: image, at: location)) ?? []
            images.append(
                CheckReport.Image(
                    name: image.name,
                    platform: image.gated.platform,
                    digest: image.manifest.descriptor.digest,
                    outcome: GateOutcome(
                        ImageGate.sorted(findings + vulnerabilities + asked),
                        options
                    ),
                    pod: describesPod ? try Self.pod(of: image, at: location, candidate.top) : nil
                )
            )
        }
        return CheckReport(images: images)
    }

    /// What a pod says that runs the image, by the digest of the index if there is one: nodes of all platforms take that.
    private static func pod(
        of image: FinishedImage,
        at location: ImageLocation,
        _ top: Digest
    ) throws(Diagnostic) -> CheckReport.Pod {
        let names = try ImageLinter.names(of: image, at: location).map { reference in
            String(reference.text.prefix { $0 != "@" })
        }
        var isPushed = false
        if case .registry = location { isPushed = true }
        return CheckReport.Pod(
            snippet: try PodSnippet(image.gated.root, image.gated.execution),
            image: PodImage(
                names,
                top,
                isPushed: isPushed,
                application: image.gated.execution.program?.split(separator: "/").last.map(String.init) ?? "app"
            )
        )
    }

    /// Checks the images that `request` asks for, and makes none.
    ///
    /// - Throws: everything that is wrong with the request, but for what is found.
    package func check(_ request: BuildRequest) async throws(DiagnosticList) -> CheckReport {
        var request = request
        request.gate = .refusingNothing
        request.describesPod = describesPod
        let plan = try await Planner.plan(request, access)
        return CheckReport(
            images: plan.images.map { image in
                CheckReport.Image(
                    name: image.config.config.entrypoint?.first ?? "",
                    platform: image.platform,
                    digest: nil,
                    outcome: GateOutcome(image.findings, options),
                    pod: image.policy.pod.map { CheckReport.Pod(snippet: $0, image: plan.podImage) }
                )
            }
        )
    }
}

extension FinishedImage {
    /// What keeps it from running, or should not be in it.
    ///
    /// - Throws: what keeps it from being read.
    func gateFindings(_ access: ImageAccess) throws(Diagnostic) -> [Finding] {
        let findings = try ImageGate.findings(in: gated, weighing: KnownBases.alternatives(for: nil, access))
        return ImageGate.sorted(findings + configFindings)
    }
}

extension Diagnostic.Code {
    static let checkNotFound = Self("check.not-found", .notFound)
}
