package import ArgumentParser
import Diagnostics
import Handover
package import Images
import OCI
import Store
import Terminal

/// How an image is copied, wherever it comes from and goes.
package struct CopyOptions: ParsableArguments {
    @OptionGroup package var platform: PlatformOption
    @OptionGroup package var parallel: ParallelOptions
    @OptionGroup package var format: FormatOption
    @OptionGroup(title: "For other programs") package var handover: HandoverOptions

    @Flag(help: "Print one JSON document.")
    package var json = false

    /// Copies, and prints the references of the copies.
    package func perform(
        _ copy: ImageCopy,
        _ registry: RegistryOptions,
        _ referrers: ReferrerOptions
    ) async throws {
        let handover = try handover.handover()
        var copy = copy
        copy.platform = try platform.parsed()
        copy.format = try format.parsed(referrers: referrers.referrers)
        copy.includesReferrers = referrers.referrers
        copy.notesReferrers = true
        let wanted = copy
        do {
            if case .caller = wanted.destination {
                return try handover.tell(.init([try await stream(wanted, registry).delivered]))
            }
            let report = try await registry.withAccess(doing: "copying", parallel: try parallel.parallel()) {
                try await wanted.run($0)
            }
            try finish(report, handover)
        } catch let error as Diagnostic {
            try handover.tell(failure: error)
            throw error
        }
    }

    private func finish(_ report: CopyReport, _ handover: Handover) throws {
        try handover.tell(.init([report.delivered]))
        try Console.output(
            json ? ResultDocument(report.json) : nil,
            else: report.references,
            after: "the image is copied"
        )
    }

    /// Writes an archive of the image to standard output, and its references to standard error.
    private func stream(_ copy: ImageCopy, _ registry: RegistryOptions) async throws -> CopyReport {
        guard !json else {
            throw Diagnostic(
                .usageConflict,
                "standard output cannot be an archive and a document",
                at: .option("--json"),
                hint: "write the archive to a file"
            )
        }
        try StandardOutputStream.check(option: "-")
        let (archive, report) = try await registry.withAccess(doing: "copying", parallel: try parallel.parallel()) {
            access -> (ArchiveStream, CopyReport) in
            let images = try await copy.gathered(access)
            return (try await ArchiveStream(images, isVerifying: true), await copy.reported(images, access))
        }
        try StandardOutputStream.write(archive)
        for line in report.references { Console.log(line.escapedForTerminal) }
        return report
    }

    /// As ArgumentParser asks for.
    package init() {}
}

/// Whether documents about an image come with it.
package struct ReferrerOptions: ParsableArguments {
    @Flag(help: "Also copy signatures and other documents about the image.")
    package var referrers = false

    /// As ArgumentParser asks for.
    package init() {}
}

extension CopyReport {
    /// What other programs are given of it.
    fileprivate var delivered: DeliveredImage { DeliveredImage(top, names: names) }
}
