import Build
import ByteIO
import Diagnostics
import Images
import Project
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

extension BatchImage {
    /// Places of the images that have to be there first: the one that it stands on, and those that it takes files of.
    ///
    /// - Parameter places: those of all images, by name.
    func needs(_ places: [String: Int]) -> [Int] {
        var needs = [asked.base].compactMap(\.self).compactMap { places[$0] }
        for source in asked.sources.compactMap({ places[$0] }) where !needs.contains(source) { needs.append(source) }
        return needs
    }
}

/// The images of a file on their way: which are built when, and what became of them.
struct BatchProgress {
    let images: [BatchImage]
    /// Places of images that can be built side by side. What an image needs is in an earlier wave.
    let waves: [[Int]]
    private let bases: [Int?]
    /// For each image the places of those that it needs.
    private let needs: [[Int]]
    /// Places of images that others need.
    private let needed: Set<Int>
    private var outcomes: [Int: (item: BatchItem, result: Result<BuiltImage, DiagnosticList>?)] = [:]
    /// Where programs were made, and images that are not to stay: both are there until the end.
    var workshops: [Workshop] = []
    var layouts: [TemporaryLayout] = []

    init(_ images: [BatchImage]) {
        self.images = images
        let places = Dictionary(images.indices.map { (images[$0].item.name, $0) }) { first, _ in first }
        bases = images.map { $0.asked.base.flatMap { places[$0] } }
        needs = images.map { $0.needs(places) }
        needed = Set(needs.joined())
        waves = BatchOrder.waves(needs)
    }

    /// Whether others stand on the image at `place`, or take files of it.
    func isNeeded(_ place: Int) -> Bool { needed.contains(place) }

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

    /// Puts `item` on the image that it stands on, and names those that it takes files of, by the digests of what was built.
    ///
    /// - Throws: `batch.base-failed`.
    func stand(_ place: Int, _ item: inout BatchItem, _ access: ImageAccess) throws(Diagnostic) {
        if let base = bases[place], outcomes[base] != nil {
            item.request.base = try location(of: base, access, "it stands on")
            item.request.choosesBase = false
        }
        guard !images[place].asked.sources.isEmpty else { return }
        var additions = [ImageAddition]()
        for text in images[place].asked.options.files.addFrom {
            let addition = try ImageAddition(parsing: text) { name throws(Diagnostic) in
                guard let sibling = SiblingAddition.name(name) else { return try access.location(ofSource: name) }
                guard let index = needs[place].first(where: { images[$0].item.name == sibling }) else {
                    throw .noSibling(sibling)
                }
                return try location(of: index, access, "it has files of")
            }
            additions.append(addition)
        }
        item.request.imageAdditions = additions
    }

    /// Where the image at `place` was built.
    ///
    /// - Parameter need: what it is needed for, as the beginning of a sentence.
    private func location(of place: Int, _ access: ImageAccess, _ need: String) throws(Diagnostic) -> ImageLocation {
        guard let outcome = outcomes[place], case .success(let built) = outcome.result,
            let location = outcome.item.location
        else {
            throw Diagnostic(
                .batchBaseFailed,
                "\(need) image `\(images[place].item.name)`, which was not built",
                hint: "correct what is wrong with that image"
            )
        }
        access.pin(location, to: built.digest, called: images[place].item.name)
        return location
    }

    func close() { for workshop in workshops { workshop.close() } }
}

extension Diagnostic.Code {
    static let batchBaseFailed = Self("batch.base-failed", .input)
}
