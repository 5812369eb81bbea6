package import ArgumentParser
import Diagnostics
import Handover
package import Images
import OCI
import Terminal

/// How an image is copied, wherever it comes from and goes.
package struct CopyOptions: ParsableArguments {
    @OptionGroup package var platform: PlatformOption
    @OptionGroup package var parallel: ParallelOptions
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
        copy.includesReferrers = referrers.referrers
        copy.notesReferrers = true
        let wanted = copy
        do {
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
        try handover.tell(.init([DeliveredImage(report.top, names: report.names)]))
        try Console.output(
            json ? ResultDocument(report.json) : nil,
            else: report.references,
            after: "the image is copied"
        )
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
