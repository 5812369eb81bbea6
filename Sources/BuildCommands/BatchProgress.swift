import Build
import ByteIO
import Diagnostics
import Images
import Request
import SourceBuild
import Store

/// One image of a file: what was asked, and what of that was not understood.
struct BatchImage {
    let asked: AskedImage
    let item: BatchItem

    /// - Parameter name: what the image is called among the others.
    init(_ asked: AskedImage, named name: String, _ access: ImageAccess) {
        let parsed = asked.parsed(access)
        var item = BatchItem(name: name, request: parsed.request, problems: parsed.problems)
        let (output, signing) = (asked.options.output, asked.options.signing)
        item.files = [output.sbomOutput, signing.provenanceOutput].compactMap(\.self).map { FilePath($0) }
        (self.asked, self.item) = (asked, item)
    }
}

/// The images of a file on their way: which are built when, and what became of them.
struct BatchProgress {
    let images: [BatchImage]
    /// Places of images that can be built side by side. What an image stands on is in an earlier wave.
    let waves: [[Int]]
    private let bases: [Int?]
    private var outcomes: [Int: (item: BatchItem, result: Result<BuiltImage, DiagnosticList>?)] = [:]
    /// Where programs were made, and images that are not to stay: both are there until the end.
    var workshops: [Workshop] = []
    var layouts: [TemporaryLayout] = []

    init(_ images: [BatchImage]) {
        self.images = images
        let places = Dictionary(images.indices.map { (images[$0].item.name, $0) }) { first, _ in first }
        bases = images.map { $0.asked.base.flatMap { places[$0] } }
        waves = BatchOrder.waves(bases)
    }

    /// Whether others stand on the image at `place`.
    func isBase(_ place: Int) -> Bool { bases.contains(place) }

    /// In the order of the file.
    var report: BatchReport {
        BatchReport(
            images.indices.compactMap { place in
                outcomes[place].flatMap { outcome in outcome.result.map { Named(outcome.item.name, $0) } }
            }
        )
    }

    /// Keeps what became of the image at `place`, which was asked for as `item`; `nil` if it cannot be planned.
    mutating func add(_ place: Int, _ item: BatchItem, _ result: Result<BuiltImage, DiagnosticList>?) {
        outcomes[place] = (item, result)
    }

    /// Puts `item` on the image that it stands on, by the digest of what was built.
    ///
    /// - Throws: `batch.base-failed`.
    func stand(_ place: Int, _ item: inout BatchItem, _ access: ImageAccess) throws(Diagnostic) {
        guard let base = bases[place], let outcome = outcomes[base] else { return }
        guard case .success(let built) = outcome.result, let location = outcome.item.location else {
            throw Diagnostic(
                .batchBaseFailed,
                "it stands on image `\(outcome.item.name)`, which was not built",
                hint: "correct what is wrong with that image"
            )
        }
        access.pin(location, to: built.digest, called: outcome.item.name)
        (item.request.base, item.request.choosesBase) = (location, false)
    }

    func close() { for workshop in workshops { workshop.close() } }
}

extension Diagnostic.Code {
    static let batchBaseFailed = Self("batch.base-failed", .input)
}
