package import Diagnostics
import Pins
import YAML

/// The keys of values that name an image in pieces, as charts of Helm have them.
package struct SplitKeys: Hashable, Sendable {
    package let repository: String
    package let tag: String?
    package let digest: String?

    /// Takes `repository,tag,digest`: the names of two or three keys, in that order.
    ///
    /// - Throws: `usage.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        func isName(_ name: String) -> Bool {
            !name.isEmpty
                && name.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                        || "-_.".utf8.contains(byte)
                }
        }
        guard (2...3).contains(names.count), Set(names).count == names.count, names.allSatisfy(isName) else {
            throw Diagnostic(
                .usageMalformed,
                "`--split \(text)` is not understood",
                at: .option("--split"),
                because: "it has the names of two or three keys, for the repository, the tag and the digest",
                hint: "write it like `--split repository,tag,digest`"
            )
        }
        (repository, tag, digest) = (names[0], names[1], names.count > 2 ? names[2] : nil)
    }
}

extension Manifest {
    /// The file with its images: all other bytes stay as they are. Documents that are not wanted are left out.
    ///
    /// - Throws: `kubernetes.unreplaceable`.
    package func resolved(_ image: (ImageMention) -> ResolvedImage?) throws(DiagnosticList) -> [UInt8] {
        var problems = Problems()
        var replacements: [Range<Int>: String] = [:]
        var first = 0
        while first < places.count {
            // All places of a document.
            let piece = places[first].piece
            let end = places[first...].firstIndex { $0.piece != piece } ?? places.endIndex
            var edit = MemberEdit(bytes, scalars[piece] ?? [], named: name)
            for place in places[first..<end] {
                guard let image = image(place.mention) else { continue }
                _ = problems.collect { () throws(Diagnostic) in try Self.put(image, at: place, &edit, split) }
            }
            replacements.merge(edit.replacements) { $1 }
            first = end
        }
        try problems.check()
        guard isSelected else { return PinnedFile.replacing(replacements, in: bytes) }
        var result = [UInt8]()
        let sorted = replacements.sorted { $0.key.lowerBound < $1.key.lowerBound }
        var next = 0
        for piece in pieces {
            let start = piece.bytes.lowerBound
            var own: [Range<Int>: String] = [:]
            while next < sorted.count, sorted[next].key.lowerBound < piece.bytes.upperBound {
                let range = sorted[next].key
                own[range.lowerBound - start..<range.upperBound - start] = sorted[next].value
                next += 1
            }
            result = Self.joined(result, PinnedFile.replacing(own, in: Array(bytes[piece.bytes])))
        }
        return result
    }

    private static func put(
        _ image: ResolvedImage,
        at place: Place,
        _ edit: inout MemberEdit,
        _ split: SplitKeys?
    ) throws(Diagnostic) {
        guard let split, place.scalar.path.last == .key(split.repository) else {
            let isHostInBrackets = place.scalar.style == .plain && image.text.hasPrefix("[")
            return try edit.replace(place.scalar, with: isHostInBrackets ? "\"\(image.text)\"" : image.text)
        }
        var members: [(key: String, text: String)] = []
        var repository = image.repository
        if let key = split.tag, split.digest != nil || image.digest == nil {
            members.append((key, image.tag ?? ""))
        } else if let key = split.tag, let digest = image.digest {
            // Without a key for it, the digest goes where charts put a colon before what they are given.
            repository += "@sha256"
            members.append((key, String(digest.dropFirst("sha256:".count))))
        }
        if let key = split.digest { members.append((key, image.digest ?? "")) }
        try edit.replace(place.scalar, with: place.scalar.written(repository))
        try edit.set(members, besides: place.index)
    }

    /// One file behind another: with a line that begins a document, if there is none.
    package static func joined(_ bytes: [UInt8], _ others: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return others }
        return bytes + separator(after: bytes.last, others) + others
    }

    /// What has to stand between a file that ends in `last` and `others`.
    package static func separator(after last: UInt8?, _ others: [UInt8]) -> [UInt8] {
        guard let last, !others.isEmpty else { return [] }
        let text = last == 0x0A || last == 0x0D ? "" : "\n"
        return Array((beginsDocument(others) ? text : text + "---\n").utf8)
    }

    /// Whether a document begins with a line of its own; comments may be before that.
    private static func beginsDocument(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let end = ManifestPiece.endOfLine(bytes, from: offset)
            let line = bytes[offset..<end.text]
            if line.starts(with: "---".utf8) { return true }
            guard ManifestPiece.isBlankOrComment(line) else { return false }
            offset = end.next
        }
        return false
    }
}
