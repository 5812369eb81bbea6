import ArgumentParser
import ByteIO
import Checkup
import Diagnostics
import Glibc
import Images
import OCI
import Plan
import ScannerView
import SharedOptions
import Terminal

struct SBOMCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what scanners will not see in a bill of materials, and why.",
        usage: "coracle sbom check (<file> | <image>) [<options>]",
        discussion: HelpExamples(
            "coracle sbom check sbom.spdx.json",
            "coracle sbom check ghcr.io/me/server:1.0 --allow sbom.no-supplier --sarif",
            "syft server.tar -o spdx-json | coracle sbom check -",
            note: """
                Reads SPDX 2.3 and CycloneDX 1.5 to 1.7, as JSON; of an image, all that hang
                on its index and on its platforms, also as attestations, whose signatures
                are not checked. Exits with 9 if an error is found that is not allowed.
                """
        ).text
    )

    @Argument(
        help: ArgumentHelp(
            "A document of any program, - for standard input; or an image: a layout, an archive, a reference.",
            valueName: "file"
        )
    )
    var subject: String

    @OptionGroup var rules: AllowedRules

    @OptionGroup var format: FindingsFormat

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let options = try rules.options()
        try format.check()
        let report: SBOMReport
        if isDocument {
            report = try SBOMChecker(options).check(try document(), named: subject == "-" ? "standard input" : subject)
        } else {
            report = try await registry.withAccess(doing: "reading the image") { access in
                let location = try CheckSubject.image(named: subject, access)
                return try await SBOMChecker(options).check(location, access)
            }
        }
        try Console.output(format.document(report), else: report.text)
        if report.isRefused { throw ExitCode(Diagnostic.Category.policy.rawValue) }
    }

    /// Whether it is a file that does not look like an archive of an image.
    private var isDocument: Bool {
        if subject == "-" { return true }
        let path = FilePath(subject)
        switch (try? FileStatus(at: path, following: true))?.kind {
        case .fifo?: return true
        case .regular?:
            let start = try? OpenFile(path, O_RDONLY | O_NONBLOCK).bytes(at: 0, count: 262)
            // A tar archive has its mark there, or is compressed.
            let isTar = start.map {
                $0.dropFirst(257).elementsEqual("ustar".utf8) || $0.first.map { $0 > 0x7A } == true
            }
            return isTar != true || start?.first == UInt8(ascii: "{")
        default: return false
        }
    }

    private func document() throws(Diagnostic) -> [UInt8] {
        let path = FilePath(subject == "-" ? "/dev/stdin" : subject)
        do throws(SystemError) {
            return try OpenFile.content(of: path, limit: ScannedDocument.limit)
        } catch {
            throw error.diagnostic("read the document", path.display)
        }
    }
}
