import ByteIO
package import Diagnostics
import OCI
import YAML

/// A file of Kubernetes objects, or of values for them, and the images that it names.
package struct Manifest: Sendable {
    /// A place where an image is named.
    package struct Place: Sendable {
        package let mention: ImageMention
        let scalar: YAMLScalar
        /// Where it stands among the texts of its document.
        let index: Int
        /// Which document of the file it is in.
        let piece: Int
        /// Whether its container takes the image that its node has under that name: `imagePullPolicy` is `IfNotPresent`.
        package let isKeptByNodes: Bool

        /// Counted from 1.
        package var line: Int { scalar.mark.line }

        /// Whether it is the image of a container of a pod, there or by an alias.
        var isOfContainer: Bool {
            ([scalar.path] + scalar.aliases).contains { path in
                guard path.count > 2, path.last == .key("image"), case .element = path[path.count - 2] else {
                    return false
                }
                return ["containers", "initContainers", "ephemeralContainers"].contains {
                    path[path.count - 3] == .key($0)
                }
            }
        }
    }

    /// What messages call the file.
    package let name: String
    package let bytes: [UInt8]
    /// In the order of the file.
    package private(set) var places: [Place] = []
    /// The images that are named, each once, in the order of the file.
    package private(set) var mentions: [ImageMention] = []
    /// What was left as it is, and why.
    package private(set) var notes: [Diagnostic] = []
    /// The documents that are wanted, in their order.
    private(set) var pieces: [ManifestPiece] = []
    let split: SplitKeys?
    /// Whether documents are left out.
    let isSelected: Bool
    /// The texts of the documents that name images, with their keys: all of them, or those that may name an image.
    private(set) var scalars: [Int: [YAMLScalar]] = [:]

    /// Largest file, in bytes.
    package static let sizeLimit = 64 << 20
    /// Most documents of a file.
    static let documentLimit = 100_000

    /// Finds the images that `bytes` name. Documents that name none are not read, unless there is a selector.
    ///
    /// - Parameter split: keys for the pieces of a name, if images are written so.
    /// - Throws: all that is wrong, at once: `yaml.…` with line and column, `kubernetes.malformed`, `kubernetes.template`,
    ///   `kubernetes.selector`.
    package init(
        reading bytes: [UInt8],
        named name: String,
        selecting selector: LabelSelector? = nil,
        splitting split: SplitKeys? = nil
    ) throws(DiagnosticList) {
        (self.name, self.bytes, self.split) = (name, bytes, split)
        isSelected = selector != nil
        guard bytes.count <= Self.sizeLimit else {
            throw DiagnosticList(
                Diagnostic(
                    .manifestTooLarge,
                    "`\(name)` is too large",
                    at: .file(path: name),
                    because: "it has more than \(ByteCount(Int64(Self.sizeLimit)))",
                    hint: "split it into several files"
                )
            )
        }
        let all = ManifestPiece.all(of: bytes)
        guard all.count <= Self.documentLimit else {
            throw DiagnosticList(
                Diagnostic(
                    .manifestTooLarge,
                    "`\(name)` is too large",
                    at: .file(path: name),
                    because: "it has more than \(Self.documentLimit) documents",
                    hint: "split it into several files"
                )
            )
        }
        // A few documents each, so that all cores have something to do.
        let read = inStretches(of: 16, all.count) { range in
            range.map { Self.read(all[$0], of: bytes, named: name, selector, keepsTexts: split != nil) }
        }
        var problems = Problems()
        for (piece, result) in zip(all, read.joined()) {
            switch result {
            case .failure(let problem): problems.add(problem)
            case .success(nil): continue
            case .success(let scalars?):
                add(scalars, &problems)
                pieces.append(piece)
            }
        }
        try problems.check()
        var seen = Set<ImageMention>()
        mentions = places.map(\.mention).filter { seen.insert($0).inserted }
    }

    /// The documents in which containers run one of these images, in their order.
    package func documents(withContainersOf mentions: Set<ImageMention>) -> [ManifestPiece] {
        var found = [Int]()
        for place in places where mentions.contains(place.mention) && place.piece != found.last && place.isOfContainer {
            found.append(place.piece)
        }
        return found.map { pieces[$0] }
    }

    /// The texts of a document, none of one that names no image; `nil` if it is not wanted.
    private static func read(
        _ piece: ManifestPiece,
        of bytes: [UInt8],
        named name: String,
        _ selector: LabelSelector?,
        keepsTexts: Bool
    ) -> Result<[YAMLScalar]?, Diagnostic> {
        let hasMention = MentionSearch.finds(in: bytes, piece.bytes)
        guard hasMention || selector != nil else { return .success([]) }
        do throws(Diagnostic) {
            let scalars = try YAMLScalar.all(
                in: bytes,
                piece.bytes,
                from: piece.line,
                withKeys: true,
                named: name,
                limit: sizeLimit,
                where: keepsTexts || selector != nil
                    ? nil
                    : { text in
                        ImageMention.mayBegin(text) || text.elementsEqual(never.utf8)
                            || text.elementsEqual(ifNotPresent.utf8)
                    }
            )
            // Braces in braces are YAML, a mapping as a key, and mean nothing to Kubernetes.
            if let key = scalars.first(where: { $0.isKey && $0.isInFlow && $0.path.last == .other }),
                isTemplate(bytes, piece)
            {
                throw template(
                    Diagnostic(
                        .manifestTemplate,
                        "",
                        at: .file(path: name, line: key.mark.line),
                        because: "column \(key.mark.column): `{{` stands where a text or an object should"
                    )
                )
            }
            if let selector {
                let object = ManifestObject(scalars, name, piece)
                guard try object.isSelected(by: selector) else { return .success(nil) }
            }
            return .success(hasMention ? scalars : [])
        } catch {
            return .failure(error.code == .yamlMalformed && isTemplate(bytes, piece) ? template(error) : error)
        }
    }

    private static func isTemplate(_ bytes: [UInt8], _ piece: ManifestPiece) -> Bool {
        bytes[piece.bytes].firstRange(of: Array("{{".utf8)) != nil
    }

    private static func template(_ problem: Diagnostic) -> Diagnostic {
        var problem = Diagnostic(
            .manifestTemplate,
            "`\(problem.subject?.path ?? "the file")` is a template, and not YAML yet",
            at: problem.subject,
            because: problem.reason
        )
        problem.hint = "render it first: `helm template CHART | coracle resolve -f -`"
        return problem
    }

    private mutating func add(_ found: [YAMLScalar], _ problems: inout Problems) {
        var hasPlaces = false
        let (never, kept) = (Self.containers(found, with: Self.never), Self.containers(found, with: Self.ifNotPresent))
        for (index, scalar) in found.enumerated() {
            switch ImageMention.read(scalar.text) {
            case nil: continue
            case .mention(let mention)? where !scalar.isKey:
                let container = Array(scalar.path.dropLast())
                places.append(
                    Place(
                        mention: mention,
                        scalar: scalar,
                        index: index,
                        piece: pieces.count,
                        isKeptByNodes: kept.contains(container)
                    )
                )
                hasPlaces = true
                if never.contains(container) { noteNeverPulled(mention, scalar) }
            case .malformed(let reason)? where !scalar.isKey:
                problems.add(
                    Diagnostic(
                        .manifestMalformed,
                        "`\(scalar.text.trimmed.excerpt)` does not name an image",
                        at: .file(path: name, line: scalar.mark.line),
                        because: reason,
                        hint: "write `coracle://NAME` for an image of coracle.yaml, or `coracle://./DIR`"
                    )
                )
            case .mention?, .malformed?:
                note("`\(scalar.text.trimmed.excerpt)` is a key, and keys stay as they are", scalar)
            case .more?:
                note("`\(scalar.text.trimmed.excerpt)` is more than the name of an image, and stays as it is", scalar)
            }
        }
        if hasPlaces { scalars[pieces.count] = found }
    }

    /// Values of `imagePullPolicy`.
    private static let (never, ifNotPresent) = ("Never", "IfNotPresent")

    /// The paths of containers with this `imagePullPolicy`.
    private static func containers(_ scalars: [YAMLScalar], with policy: String) -> Set<[YAMLScalar.Step]> {
        let policies = scalars.lazy.filter { $0.text == policy && $0.path.last == .key("imagePullPolicy") }
        return Set(policies.map { Array($0.path.dropLast()) })
    }

    private mutating func noteNeverPulled(_ mention: ImageMention, _ scalar: YAMLScalar) {
        guard notes.count < 20 else { return }
        notes.append(
            Diagnostic(
                .manifestNeverPulled,
                "`\(mention.text.excerpt)` will not be found on a node that does not have it",
                at: .file(path: name, line: scalar.mark.line),
                because: "the image is pushed, and `imagePullPolicy` is `Never`",
                hint: "leave out `imagePullPolicy`: with a digest, an image is pulled once"
            )
        )
    }

    private mutating func note(_ text: String, _ scalar: YAMLScalar) {
        guard notes.count < 20 else { return }
        notes.append(Diagnostic(.manifestKept, text, at: .file(path: name, line: scalar.mark.line)))
    }

}

/// What may name an image in bytes that were not read yet.
enum MentionSearch {
    /// Whether `coracle:` or `ko:` stands there, and then `/`, or `\` as JSON may have it.
    static func finds(in bytes: [UInt8], _ range: Range<Int>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var index = range.lowerBound
            while index + 1 < range.upperBound {
                guard bytes[index] == UInt8(ascii: ":") else {
                    index += 1
                    continue
                }
                let next = bytes[index + 1]
                if next == UInt8(ascii: "/") || next == UInt8(ascii: "\\") {
                    let start = max(range.lowerBound, index - 7)
                    if bytes[start..<index].elementsEqual("coracle".utf8) { return true }
                    if bytes[max(range.lowerBound, index - 2)..<index].elementsEqual("ko".utf8) { return true }
                }
                index += 1
            }
            return false
        }
    }
}

extension Diagnostic.Subject {
    fileprivate var path: String? {
        if case .file(let path, _) = self { path } else { nil }
    }
}

extension Diagnostic.Code {
    package static let manifestMalformed = Self("kubernetes.malformed", .input)
    static let manifestTemplate = Self("kubernetes.template", .input)
    static let manifestTooLarge = Self("kubernetes.too-large", .input)
    static let manifestNeverPulled = Self("kubernetes.never-pulled", .input)
    package static let manifestKept = Self("kubernetes.kept", .input)
}
