import Archive
import Layers
import OCI

/// What of the steps in an image's history is about which files.
package struct MadeSteps: Sendable {
    /// What `--add`, `--mkdir` and `--symlink` put into the layer of additions.
    package enum Added: Hashable, Sendable {
        case file(destination: String)
        case directory(String)
        case symlink(String)
    }

    /// In the order in which they were typed: those of `--add` first.
    package let added: [Added]
    /// What was taken of other images, as `--add-from` has it.
    package let ofImages: [String]
    /// The steps that coracle takes unasked: the runtime layer, media types.
    package let runtime: [String]
    /// The steps of the application's layers.
    package let application: [String]
    /// The user that the step for an account and directories names; `nil` without that step.
    package let user: String?

    private static let additionStarts = ["coracle: --add ", "coracle: --mkdir ", "coracle: --symlink "]
    private static let imageStart = "coracle: --add-from "
    private static let userStart = "coracle: for user "
    private static let mediaTypesStart = "coracle: media types ("

    package init(_ steps: [String]) {
        var (added, runtime, application) = ([Added](), [String](), [String]())
        var (user, ofImages) = (String?.none, [String]())
        for step in steps {
            if Self.additionStarts.contains(where: step.hasPrefix) {
                added += Self.additions(step)
            } else if step.hasPrefix(Self.imageStart) {
                ofImages += Self.imageAdditions(step)
            } else if step.hasPrefix(Self.userStart) {
                user = String(step.dropFirst(Self.userStart.count))
            } else if step == LayerStep.libraries {
                continue
            } else if LayerStep.isReplaceable(step) || step.hasPrefix(Self.mediaTypesStart) {
                runtime.append(step)
            } else {
                application.append(step)
            }
        }
        (self.added, self.runtime, self.application, self.user) = (added, runtime, application, user)
        self.ofImages = ofImages
    }

    /// Whether the step's layer holds what the user brings as the application.
    package static func isOfApplication(_ step: String) -> Bool { !MadeSteps([step]).application.isEmpty }

    /// The destinations of `--add`, in order.
    package var destinations: [String] {
        added.compactMap { if case .file(let destination) = $0 { destination } else { nil } }
    }

    /// Where the application is in the image: the directory of all of its layers, or the program.
    package var place: String? {
        application.map { String(Self.path($0)) }.min { $0.utf8.count < $1.utf8.count }
    }

    private static func path(_ step: String) -> Substring {
        let path = step.dropFirst("coracle: ".count)
        let suffix = ": what it depends on"
        return path.hasSuffix(suffix) ? path.dropLast(suffix.count) : path
    }

    /// `coracle: --add-from a@sha256:…=/b:/c --add-from …`.
    private static func imageAdditions(_ step: String) -> [String] {
        var (found, rest) = ([String](), step[step.startIndex...])
        while let word = rest.firstRange(of: "--add-from ") {
            rest = rest[word.upperBound...]
            found.append(String(rest[..<(rest.firstRange(of: " --add-from ")?.lowerBound ?? rest.endIndex)]))
        }
        return found
    }

    /// `coracle: --add /a --mkdir /b --symlink /c`. The words stand between paths, which begin with a slash.
    private static func additions(_ step: String) -> [Added] {
        var found = [Added]()
        var rest = " " + step.dropFirst("coracle: ".count)
        let words: [(String, (String) -> Added)] = [
            (" --add /", { .file(destination: $0) }), (" --mkdir /", { .directory($0) }),
            (" --symlink /", { .symlink($0) }),
        ]
        while let (word, make) = words.first(where: { rest.hasPrefix($0.0) }) {
            rest.removeFirst(word.count)
            let end = words.compactMap { rest.firstRange(of: $0.0)?.lowerBound }.min() ?? rest.endIndex
            found.append(make("/" + rest[..<end]))
            rest = String(rest[end...])
        }
        return found
    }
}

/// The options that the files of an image's layers show.
package struct ShownOptions: Sendable {
    private let files: [(step: String, file: LayerFiles.File)]
    private let steps: MadeSteps

    /// - Parameter layers: each own layer's step, and what is in it.
    package init(_ layers: [(step: String, files: LayerFiles)]) {
        files = layers.flatMap { layer in layer.files.files.map { (layer.step, $0) } }
        steps = MadeSteps(layers.map(\.step))
    }

    private func first(_ path: String) -> LayerFiles.File? {
        let path = EntryPath(normalizing: path)
        return files.first { !MadeSteps.isOfApplication($0.step) && $0.file.path == path }?.file
    }

    /// What was taken of other images, each by its digest. One that has only that was a file of some machine.
    package var imageAdditions: [RecordedOption] {
        steps.ofImages.filter { !$0.hasPrefix("sha256:") && !$0.hasPrefix("sha512:") }
            .map { RecordedOption("add-from", $0) }
    }

    /// How the additions were asked for.
    ///
    /// - Parameter sources: the files of this machine, in the order of the destinations.
    package func additions(from sources: [String]) -> [RecordedOption] {
        var sources = sources[...]
        return imageAdditions
            + steps.added.compactMap { added in
                switch added {
                case .file(let destination):
                    guard let source = sources.popFirst() else { return nil }
                    let text = source.replacing(":", with: "\\:") + ":" + destination + suffix(of: destination)
                    return RecordedOption("add", text)
                case .directory(let path):
                    guard let entry = first(path)?.entry else { return RecordedOption("mkdir", path) }
                    if entry.mode == FileModes.directory, entry.uid == 0, entry.gid == 0 {
                        return RecordedOption("mkdir", path)
                    }
                    return RecordedOption("mkdir", "\(path):\(Self.octal(entry.mode)):\(entry.uid):\(entry.gid)")
                case .symlink(let path):
                    guard case .symlink(let target)? = first(path)?.entry.kind else { return nil }
                    return RecordedOption("symlink", "\(path):\(String(decoding: target, as: UTF8.self))")
                }
            }
    }

    /// `:MODE:UID:GID` if it is not what an addition has without.
    private func suffix(of destination: String) -> String {
        let root = EntryPath(normalizing: destination)
        let below = files.filter { !MadeSteps.isOfApplication($0.step) }.map(\.file)
            .filter { $0.entry.kind == .regular && ($0.path == root || root.contains($0.path)) }
        guard let first = below.first?.entry else { return "" }
        let modes = Set(below.map(\.entry.mode))
        let isUsual = modes.isSubset(of: [FileModes.plain, FileModes.executable])
        let isRoots = first.uid == 0 && first.gid == 0
        if isUsual, isRoots { return "" }
        guard modes.count == 1 else { return "" }
        return ":\(Self.octal(first.mode))" + (isRoots ? "" : ":\(first.uid):\(first.gid)")
    }

    /// The options about the application's own files.
    package var application: [RecordedOption] {
        let own = files.filter { MadeSteps.isOfApplication($0.step) }.map(\.file)
        let brought = own.filter { $0.entry.kind == .regular }.map(\.entry)
        var options = [RecordedOption]()
        if let first = brought.first, first.uid != 0 || first.gid != 0,
            brought.allSatisfy({ $0.uid == first.uid && $0.gid == first.gid })
        {
            options.append(RecordedOption("chown", "\(first.uid):\(first.gid)"))
        }
        // Programs have the mode itself, and other files have it without x.
        let programs = Set(brought.map(\.mode).filter { $0 & 0o111 != 0 })
        if programs.count == 1, let mode = programs.first, mode != FileModes.executable {
            options.append(RecordedOption("chmod", Self.octal(mode)))
        } else if programs.isEmpty, let plain = brought.first?.mode, plain != FileModes.plain,
            let directory = own.last(where: { $0.entry.kind == .directory })?.entry.mode
        {
            options.append(RecordedOption("chmod", Self.octal(directory)))
        }
        if let time = brought.first?.modified, time != 0, brought.allSatisfy({ $0.modified == time }) {
            options.append(RecordedOption("mtime", String(time)))
        }
        if own.contains(where: { !$0.capability.isEmpty }) {
            options.append(RecordedOption("xattrs", "security.capability"))
        }
        return options
    }

    private static func octal(_ mode: UInt16) -> String { "0" + String(mode, radix: 8) }
}

extension MadeImage {
    /// What the image says besides its files: compression and checks.
    package var statedOptions: [RecordedOption] {
        var options = [RecordedOption]()
        let ways = own.filter { MadeSteps.isOfApplication($0.step) }.compactMap(\.compression)
        let codecs = Set(ways.compactMap { LayerCodec(describedBy: $0) })
        let codec = codecs.count == 1 ? codecs.first : nil
        if let codec, codec != .gzip { options.append(RecordedOption("compression", codec.rawValue)) }
        let levels = Set(ways.compactMap(Self.level))
        if levels.count == 1, let level = levels.first, level != (codec ?? .gzip).usualLevel {
            options.append(RecordedOption("compression-level", String(level)))
        }
        if annotations[AnnotationKey.gateSkipped] == "true" { options.append(RecordedOption("no-check")) }
        var codes = [String]()
        for item in annotations[AnnotationKey.gateExcused]?.split(separator: ";") ?? [] {
            guard let code = item.split(separator: " ").first.map(String.init), code.contains("."),
                !codes.contains(code)
            else { continue }
            codes.append(code)
        }
        return options + codes.map { RecordedOption("allow", $0) }
    }

    /// The level in `libdeflate 1.14, level 2, blocks by path to 1024 KiB`.
    static func level(_ compression: String) -> Int? {
        for part in compression.split(separator: ",") {
            let words = part.split(separator: " ")
            if words.count == 2, words[0] == "level" { return Int(words[1]) }
        }
        return nil
    }

    /// The program that compressed, such as `libdeflate 1.14`.
    static func engine(_ compression: String) -> String {
        String(compression.prefix { $0 != "," })
    }
}
