import Archive
import Diagnostics
import Layers
import OCI

extension DifferenceKind {
    /// As `--ignore` and JSON call it.
    package var name: String {
        switch self {
        case .compression: "compression"
        case .form: "form"
        case .order: "order"
        case .times: "times"
        case .layering: "layering"
        case .description: "description"
        case .configuration: "configuration"
        case .files: "files"
        case .packages: "packages"
        case .platforms: "platforms"
        }
    }

    /// The kinds of which a container of the image sees nothing.
    package static let unseen: Set<DifferenceKind> = [.compression, .form, .order, .times, .layering, .description]

    /// - Returns: `nil` if no kind is called so.
    package init?(named name: String) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    /// What is different, in the middle of a sentence.
    fileprivate var subject: String {
        switch self {
        case .compression: "the compression of layers"
        case .form: "the form of documents and tar headers"
        case .order: "the order of entries"
        case .times: "times"
        case .layering: "the make-up of layers"
        case .description: "what the image says of itself"
        case .configuration: "the configuration"
        case .files: "files"
        case .packages: "packages"
        case .platforms: "platforms"
        }
    }

    private var isPlural: Bool { [.times, .files, .packages, .platforms].contains(self) }

    /// `Only the compression of layers is different`.
    fileprivate var onlyClause: String { "Only \(subject) \(isPlural ? "are" : "is") different" }

    fileprivate var clause: String {
        subject.prefix(1).uppercased() + subject.dropFirst() + " \(isPlural ? "are" : "is") different"
    }
}

extension ImageDifference {
    /// The kind of difference in one sentence.
    package var sentence: String {
        guard let kind else {
            if ignored.isEmpty || left.digest == right.digest && left.digest != nil {
                return "The images are the same" + (right.digest.map { ": \($0)" } ?? "") + "."
            }
            return "The images are the same, but for what is ignored."
        }
        let lesser = kinds.dropLast().reversed().filter { $0 != .files || kind != .packages }.map(\.subject)
        let also = lesser.isEmpty ? "" : "; also \(Self.list(lesser))"
        switch kind {
        case .compression: return kind.onlyClause + ": all layers have the same tar."
        case .form, .order, .times, .layering, .description:
            guard lesser.isEmpty else { return kind.clause + also + ". Files and configuration are the same." }
            return kind.onlyClause + "; files and configuration are the same."
        case .configuration:
            return lesser.isEmpty
                ? kind.onlyClause + "; files are the same." : kind.clause + also + ". Files are the same."
        case .files: return kind.clause + ": \(fileCounts)" + also + ". Packages are the same."
        case .packages: return kind.clause + ": \(packageCounts)\(filesOfPackages)" + also + "."
        case .platforms: return kind.clause + also + "."
        }
    }

    private var fileCounts: String {
        let files = platforms.flatMap(\.files)
        let leftOut = platforms.reduce(0) { $0 + $1.filesLeftOut }
        var counts = [FileDifference.Change.changed, .added, .removed].compactMap { change -> String? in
            let count = files.count { $0.change == change }
            return count == 0 ? nil : "\(count) \(change.rawValue)"
        }
        if leftOut > 0 { counts.append("\(leftOut) more") }
        return counts.joined(separator: ", ")
    }

    private var filesOfPackages: String {
        let count = platforms.reduce(0) { $0 + $1.files.count + $1.filesLeftOut }
        return count == 0 ? "" : ", with \(count) \(count == 1 ? "file" : "files")"
    }

    private var packageCounts: String {
        let packages = platforms.flatMap(\.packages)
        let added = packages.count { $0.old.isEmpty }
        let removed = packages.count { $0.new.isEmpty }
        let changed = packages.count - added - removed
        return [(changed, "changed"), (added, "added"), (removed, "removed")].filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    static func list(_ words: [String]) -> String {
        words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
    }
}

// MARK: - What of it matters

extension PlatformDifference {
    package func fields(ignoring ignored: Set<DifferenceKind>) -> [FieldDifference] {
        fields.filter { !ignored.contains($0.kind) }
    }

    package func layers(ignoring ignored: Set<DifferenceKind>) -> [LayerDifference] {
        layers.filter { !ignored.contains($0.kind) }
    }

    package func kinds(ignoring ignored: Set<DifferenceKind>) -> [DifferenceKind] {
        kinds.subtracting(ignored).sorted()
    }

    /// Those by which the image's size changes most, first; of equal ones the first by path.
    package var filesBySize: [FileDifference] {
        files.enumerated().sorted { left, right in
            let (one, other) = (left.element.growth.magnitude, right.element.growth.magnitude)
            return one == other ? left.offset < right.offset : one > other
        }
        .map(\.element)
    }
}

extension PackageDifference {
    /// `2.36-9 → 2.36-10`.
    package var change: String {
        func text(_ versions: [String]) -> String {
            versions.isEmpty ? "–" : versions.map { $0.isEmpty ? "?" : $0 }.joined(separator: ", ")
        }
        return "\(text(old)) → \(text(new))"
    }
}

extension FieldDifference {
    /// Its name, with the document before it unless that is the config: `config.Env.PATH`, `manifest.annotations.by`.
    package var place: String {
        switch document {
        case .config: name
        case .manifest, .index: "\(document.rawValue).\(name)"
        }
    }
}

extension FileDifference {
    /// What changed, each with both values: `content`, `mode 0644 → 0755`. A time is left out if more than it changed.
    package var changes: [String] {
        guard let left, let right else { return [] }
        return aspects.filter { $0 != .time || aspects.count == 1 }.map { aspect in
            switch aspect {
            case .type: "\(left.typeName) → \(right.typeName)"
            case .content:
                left.size == right.size ? "content" : "content \(ByteCount(left.size)) → \(ByteCount(right.size))"
            case .target: "target \(left.target) → \(right.target)"
            case .device: "device \(left.target) → \(right.target)"
            case .mode: "mode \(left.modeText) → \(right.modeText)"
            case .owner: "owner \(left.ownerText) → \(right.ownerText)"
            case .attributes:
                attributes.map { "\(String(printing: $0.name)) \(Self.text($0.left)) → \(Self.text($0.right))" }
                    .joined(separator: ", ")
            case .links:
                "hard link to \(left.linkedTo?.description ?? "–") → \(right.linkedTo?.description ?? "–")"
            case .time: "time \(left.timeText) → \(right.timeText)"
            }
        }
    }
}

extension FileDifference {
    /// The value of an extended attribute: text as it is, else in hex.
    fileprivate static func text(_ value: [UInt8]?) -> String {
        guard let value else { return "–" }
        if let text = String(validating: value, as: UTF8.self), !text.utf8.contains(where: { $0 < 0x20 }) {
            return "`\(text.excerpt)`"
        }
        let hex = value.prefix(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "0x" + hex + (value.count > 32 ? "…" : "")
    }
}

extension FileDifference.State {
    package var typeName: String {
        switch kind {
        case .regular, .hardlink: "file"
        case .directory: "directory"
        case .symlink: "symlink"
        case .characterDevice: "character device"
        case .blockDevice: "block device"
        case .fifo: "FIFO"
        }
    }

    /// The target of a symlink, the numbers of a device; empty for everything else.
    package var target: String {
        switch kind {
        case .symlink(let target): String(printing: target)
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor): "\(major):\(minor)"
        case .regular, .hardlink, .directory, .fifo: ""
        }
    }

    package var modeText: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    package var ownerText: String { owner.map { "\($0.uid):\($0.gid)" } ?? "–" }

    package var timeText: String { modified.map { Timestamp(secondsSince1970: $0).description } ?? "–" }
}

extension ElfDifference {
    /// What changed, each in a few words.
    package var changes: [String] {
        func value(_ label: String, _ value: Value?, short: Bool = false) -> String? {
            value.map { value in
                func text(_ text: String?) -> String {
                    guard let text else { return "–" }
                    return short && text.count > 12 ? String(text.prefix(12)) + "…" : text
                }
                return "\(label) \(text(value.left)) → \(text(value.right))"
            }
        }
        func list(_ label: String, _ names: [String]) -> String? {
            guard !names.isEmpty else { return nil }
            let more = names.count > 6 ? " and \(names.count - 6) more" : ""
            return label + " " + names.prefix(6).joined(separator: ", ") + more
        }
        return [
            value("build ID", buildID, short: true), value("Go", go), value("soname", soname),
            value("loader", interpreter), value("runpath", runpath),
            list("no longer needs", neededLeft + versionsLeft), list("now needs", neededRight + versionsRight),
            list("no longer defines", definedLeft), list("now defines", definedRight),
            list("sections", sections.map(\.text)),
        ].compactMap(\.self)
    }
}

extension ElfDifference.Section {
    fileprivate var text: String {
        switch (left, right) {
        case (let left?, let right?): left == right ? name : "\(name) (\(ByteCount(left)) → \(ByteCount(right)))"
        case (_?, nil): "\(name) (removed)"
        default: "\(name) (added)"
        }
    }
}

extension LayerDifference {
    /// What is different, in a few words.
    package var text: String {
        switch (left, right) {
        case (let left?, nil): return "removed: \(Self.text(left))"
        case (nil, let right?): return "added: \(Self.text(right))"
        case (let left?, let right?):
            let sizes = "\(ByteCount(left.size)) → \(ByteCount(right.size))"
            switch kind {
            case .compression:
                let (old, new) = (Self.encoding(left.mediaType), Self.encoding(right.mediaType))
                return (old == new ? "another \(old)" : "\(old) → \(new)") + " of the same tar, \(sizes)"
            case .form: return "the same entries, with other tar headers, \(sizes)"
            case .order: return "the same entries in another order, \(sizes)"
            case .times: return "the same entries with other times, \(sizes)"
            case .layering: return "the same files of the image in other entries, \(sizes)"
            default: return "other entries, \(sizes)"
            }
        case (nil, nil): return ""
        }
    }

    private static func encoding(_ type: MediaType) -> String {
        type.isZstdLayer ? "zstd" : type.isGzipLayer ? "gzip" : "plain tar"
    }

    private static func text(_ layer: Layer) -> String {
        "\(ByteCount(layer.size))" + (layer.step.map { ", \($0.excerpt)" } ?? "")
    }
}

extension FetchSize {
    package var text: String {
        guard layers > 0 else { return "nothing: all layers are there" }
        let unpacked = uncompressedSize.map { "; unpacked \(ByteCount($0))" } ?? ""
        return "\(layers) of \(allLayers) layers, \(ByteCount(size)) of \(ByteCount(wholeSize))\(unpacked)"
    }
}

extension ImageDifference.First {
    /// Where, and both values.
    ///
    /// - Parameter namesPlatform: whether there are several platforms.
    package func text(namesPlatform: Bool) -> String {
        func of(_ platform: Platform?) -> String { platform.flatMap { namesPlatform ? " of \($0)" : nil } ?? "" }
        func value(_ text: String?) -> String { text.map { "`\($0.excerpt)`" } ?? "nothing" }
        switch self {
        case .field(let field, let platform):
            return "\(field.place)\(of(platform)): \(value(field.left)) → \(value(field.right))"
        case .layer(let layer, let platform): return "layer \(layer.position + 1)\(of(platform)): \(layer.text)"
        case .file(let file, let platform):
            var what = file.change == .changed ? file.changes.joined(separator: "; ") : file.change.rawValue
            if file.aspects.first == .content, let old = file.left?.content, let new = file.right?.content {
                what += ", sha256 \(old.hex.prefix(12))… → \(new.hex.prefix(12))…"
            }
            return "\(file.path)\(of(platform)): \(what)"
        }
    }
}
