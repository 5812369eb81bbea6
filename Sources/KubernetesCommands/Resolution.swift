import BuildCommands
import ByteIO
import Diagnostics
import Kubernetes
import Synchronization
import Terminal

/// Manifests on their way: read, their images built, and written with those.
struct Resolution {
    let manifests: [Manifest]
    private let options: ManifestOptions
    private let images: ReferencedImages
    /// What they name, each once, in the order of the files.
    let mentions: [ImageMention]

    /// Reads the files, and what describes the images.
    ///
    /// - Parameter further: images that are named elsewhere.
    /// - Throws: all that is wrong with them.
    init(
        _ options: ManifestOptions,
        _ arguments: ReferenceArguments,
        splitting split: SplitKeys? = nil,
        besides further: [ImageMention] = []
    ) throws {
        self.options = options
        let selector = try options.labels()
        var problems = [Diagnostic]()
        var manifests = [Manifest]()
        for file in try options.files() {
            let content = try file.content()
            do throws(DiagnosticList) {
                manifests.append(
                    try Manifest(
                        reading: content,
                        named: file.name,
                        selecting: selector,
                        splitting: split
                    )
                )
            } catch {
                problems += error.items
            }
        }
        if let list = DiagnosticList(problems) { throw list }
        self.manifests = manifests
        var seen = Set<ImageMention>()
        mentions = (further + manifests.flatMap(\.mentions)).filter { seen.insert($0).inserted }
        images = try ReferencedImages(arguments)
        try refuseUnknown()
    }

    /// What a program is made of: the module of Go that `path` is in, as packages use each other; else the path.
    private static func source(_ path: FilePath) -> FilePath {
        guard let real = path.resolved else { return path.display.hasPrefix("ko://") ? source(".") : path }
        guard (try? FileStatus(at: real))?.kind == .directory else { return path }
        var directory = real
        while directory != "/" {
            if ["go.work", "go.mod"].contains(where: { (try? FileStatus(at: directory.appending($0))) != nil }) {
                return directory
            }
            directory = directory.directory
        }
        return path
    }

    /// - Throws: `kubernetes.unknown-image`, for each place.
    private func refuseUnknown() throws(DiagnosticList) {
        let known = Set(images.names)
        var problems = Problems()
        for manifest in manifests {
            for place in manifest.places {
                guard case .image(let name) = place.mention.subject, !known.contains(name) else { continue }
                problems.add(unknown(name, at: .file(path: manifest.name, line: place.line)))
            }
        }
        for case .image(let name) in mentions.map(\.subject) where !known.contains(name) && problems.isEmpty {
            problems.add(unknown(name, at: nil))
        }
        try problems.check()
    }

    private static func moving(_ name: String) -> Diagnostic {
        Diagnostic(
            .tagMoves,
            "`\(name)` is another image after the next push",
            at: .image(name),
            because: "it has the tag `latest` and no digest",
            hint: "give a tag that stays, `--tags 1.0`, or leave out `--tag-only`"
        )
    }

    /// The containers that will not get the next image of the tag `latest`.
    private func kept(_ images: [ImageMention: ResolvedImage]) -> [Diagnostic] {
        let places = manifests.flatMap { manifest in manifest.places.map { (manifest.name, $0) } }
        let kept = places.filter { place in
            guard place.1.isKeptByNodes, let image = images[place.1.mention] else { return false }
            return image.isMoving
        }
        return kept.prefix(20).map { name, place in
            Diagnostic(
                .tagMoves,
                "a node that has `\(place.mention.text)` does not ask for a newer one",
                at: .file(path: name, line: place.line),
                because: "the tag is `latest`, and `imagePullPolicy` is `IfNotPresent`",
                hint: "give a tag that changes, `--tags 1.0`, or leave out `--tag-only`"
            )
        }
    }

    private func unknown(_ name: String, at subject: Diagnostic.Subject?) -> Diagnostic {
        let hint: String =
            if let near = Spelling.closest(to: name, among: images.names) {
                "did you mean `coracle://\(near)`?"
            } else if name.contains("/") {
                "write `ko://\(name)` for an import path of Go, and `coracle://./\(name)` for a directory"
            } else if images.file == nil {
                "list it in coracle.yaml, or write `coracle://./\(name)` for a directory"
            } else {
                "the file lists " + images.names.prefix(5).map { "`\($0)`" }.joined(separator: ", ")
            }
        return Diagnostic(
            .imageUnknown,
            "no image is called `\(name)`",
            at: subject,
            because: images.file.map { "`\($0.display)` describes the images" } ?? "there is no coracle.yaml here",
            hint: hint
        )
    }

    /// Builds the images, and hands on each file as soon as its images are pushed, in their order.
    ///
    /// - Parameters:
    ///   - watcher: gets the files that the images are made of.
    ///   - write: gets a file with its images. It is called from any thread, one call at a time.
    /// - Returns: the images.
    /// - Throws: `kubernetes.nothing`, if an image has to be named; what the builds and `write` throw.
    func run(
        _ watcher: FileWatcher? = nil,
        _ write: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws -> [(ImageMention, ResolvedImage)] {
        watcher?.add([images.file ?? "coracle.yaml"])
        Console.note(manifests.flatMap(\.notes))
        if mentions.isEmpty {
            let nothing = Diagnostic(
                .nothingNamed,
                "no image is named",
                because: "no text is `coracle://NAME` or `ko://IMPORT/PATH`",
                hint: "name an image of coracle.yaml in a manifest: `image: coracle://shop`"
            )
            if options.strict { throw nothing }
            Console.note([nothing])
        }
        let order = OrderedManifests(manifests, write)
        order.add([:])
        if !mentions.isEmpty {
            let isTagOnly = options.tagOnly
            var subjects = [ReferencedImages.Subject]()
            var places: [ReferencedImages.Subject: [ImageMention]] = [:]
            for mention in mentions {
                let subject: ReferencedImages.Subject =
                    switch mention.subject {
                    case .image(let name): .image(name)
                    case .path(let path): .path(path)
                    }
                if places[subject] == nil { subjects.append(subject) }
                places[subject, default: []].append(mention)
            }
            let (asked, named) = (subjects, places)
            let done = Mutex<[ReferencedImages.Pushed]>([])
            try await images.build(subjects, inputs: { watcher?.add($0.map(Self.source)) }) { pushed in
                let image = ResolvedImage(reference: pushed.reference, isTagOnly: isTagOnly)
                done.withLock { $0.append(pushed) }
                order.add(Dictionary((named[pushed.subject] ?? []).map { ($0, image) }) { $1 })
            } finish: { access in
                let pushed = done.withLock { $0 }
                let known = try order.finish()
                let all = asked.compactMap { subject in
                    pushed.first { $0.subject == subject }.map { (named[subject] ?? [], $0) }
                }
                await PodWarnings(manifests: manifests, images: known, access: access).report(all)
            }
        }
        let resolved = try order.finish()
        let moving = Set(resolved.values.filter(\.isMoving).map(\.text))
        Console.note(moving.sorted().map(Self.moving))
        Console.note(kept(resolved))
        return mentions.compactMap { mention in resolved[mention].map { (mention, $0) } }
    }
}

extension ResolvedImage {
    /// Whether the next push makes it another image.
    fileprivate var isMoving: Bool { digest == nil && (tag == nil || tag == "latest") }
}

/// Files that wait for their images, and for those before them.
private final class OrderedManifests: Sendable {
    private struct State {
        var images: [ImageMention: ResolvedImage] = [:]
        var next = 0
        var hasWritten = false
        var failure: (any Error)?
    }

    private let manifests: [Manifest]
    private let write: @Sendable ([UInt8]) throws -> Void
    private let state = Mutex(State())

    init(_ manifests: [Manifest], _ write: @escaping @Sendable ([UInt8]) throws -> Void) {
        (self.manifests, self.write) = (manifests, write)
    }

    func add(_ images: [ImageMention: ResolvedImage]) {
        state.withLock { state in
            state.images.merge(images) { $1 }
            do {
                while state.failure == nil, state.next < manifests.count {
                    let manifest = manifests[state.next]
                    guard manifest.mentions.allSatisfy({ state.images[$0] != nil }) else { return }
                    let known = state.images
                    var bytes = try manifest.resolved { known[$0] }
                    // kubectl reads what begins with a brace as JSON up to its end, and that has no `---`.
                    if !state.hasWritten, manifests.count > 1,
                        bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{")
                    {
                        bytes.insert(contentsOf: Array("---\n".utf8), at: 0)
                    }
                    try write(bytes)
                    state.hasWritten = state.hasWritten || !bytes.isEmpty
                    state.next += 1
                }
            } catch {
                state.failure = error
            }
        }
    }

    /// The images.
    ///
    /// - Throws: what writing a file has thrown.
    func finish() throws -> [ImageMention: ResolvedImage] {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.images
        }
    }
}

extension Diagnostic.Code {
    static let imageUnknown = Self("kubernetes.unknown-image", .input)
    static let tagMoves = Self("kubernetes.moving-tag", .usage)
    static let nothingNamed = Self("kubernetes.nothing", .policy)
}
