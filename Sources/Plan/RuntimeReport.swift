import Archive
package import Diagnostics
import Layers
import Needs
package import OCI
import Rootfs
import Stack
import Synchronization

/// What the runtime layer of an image brings, what it does not, and why.
package struct RuntimeReport: Hashable, Sendable {
    enum State: String, Hashable, Sendable {
        case added
        /// No program needs it.
        case leftOut = "left-out"
        /// The base has it, or the user does not want it.
        case absent
    }

    struct Part: Hashable, Sendable {
        let part: RuntimePart
        let state: State
        let reason: String
        /// Whether a program certainly asks for it.
        let isNeeded: Bool
        /// Whether a minimal image would be without it.
        let isOptional: Bool
        let weight: Weight
    }

    /// How large the files of a part are.
    enum Weight: Hashable, Sendable {
        /// The contents of the files, in their order.
        case contents([[UInt8]])
        /// Sizes in bytes: of the files, and about as much as they take in the layer.
        case known(size: Int64, compressed: Int64)
    }

    let parts: [Part]

    /// `nil` if there is no runtime layer.
    init?(_ options: RuntimeOptions?, _ needs: ApplicationNeeds, in stack: LayerStack) {
        guard let options else { return nil }
        var contents: [RuntimePart: [[UInt8]]] = [:]
        // A file that a layer above replaces is one file.
        var seen: Set<EntryPath> = []
        for layer in stack.blueprints.reversed() where layer.kind.isReplaceable {
            for entry in layer.entries {
                guard let part = RuntimePart(of: entry.path), seen.insert(entry.path).inserted else { continue }
                if case .bytes(let bytes) = entry.content {
                    contents[part, default: []].append(bytes)
                } else {
                    contents[part, default: []] += []
                }
            }
        }
        parts = RuntimePart.allCases.map { part in
            let need = needs.need(for: part)
            let answer = need.map { needs[$0].answer }
            let isNeeded = if case .needed? = answer { true } else { false }
            return Part(
                part: part,
                state: options.omitted.contains(part) ? .leftOut : contents[part] == nil ? .absent : .added,
                reason: need.map(needs.reason) ?? "only tools that look into images read it",
                isNeeded: isNeeded,
                isOptional: answer?.isWanted == false,
                weight: .contents(contents[part] ?? [])
            )
        }
    }

    /// Which sizes are printed.
    package enum Sizes { case ofFiles, asStored }

    /// For a person, in lines.
    package func lines(_ sizes: Sizes) -> [String] {
        parts.compactMap { part in
            switch part.state {
            case .absent: return nil
            case .leftOut: return "- \(part.part.rawValue): \(part.reason)"
            case .added:
                let isMinimal = parts.contains { $0.state == .leftOut }
                guard isMinimal || part.isWorthTelling else { return nil }
                let size = sizes == .asStored ? part.weight.compressedSize : part.weight.size
                let why = part.isOptional ? "\(part.reason); `--minimal` leaves it out" : part.reason
                return "+ \(part.part.rawValue)" + (size > 0 ? " \(ByteCount(size))" : "") + ": \(why)"
            }
        }
    }

    /// For a program.
    package var json: JSON { .array(parts.map { .object($0.json) }) }

    /// The same, with all that `lines` says.
    package var kept: JSON { .array(parts.map { .object($0.kept) }) }

    /// Reads `kept`.
    ///
    /// - Throws: `json.unexpected` and the like.
    package init(kept json: JSONReader) throws(Diagnostic) {
        parts = try json.array().map { part throws(Diagnostic) in try Part(kept: part) }
    }
}

extension RuntimeReport.Part {
    /// What is large, and what is small and asked for.
    fileprivate var isWorthTelling: Bool {
        part == .certificates || part == .zoneinfo || (part == .accounts && isNeeded)
    }

    fileprivate var json: JSONObject {
        var json = JSONObject()
        json["part"] = .string(part.rawValue)
        json["state"] = .string(state.rawValue)
        json["size"] = state == .added ? .int(weight.size) : nil
        json["why"] = .string(reason)
        return json
    }

    fileprivate var kept: JSONObject {
        var kept = json
        kept["needed"] = .bool(isNeeded)
        kept["optional"] = .bool(isOptional)
        kept["compressedSize"] = .int(weight.compressedSize)
        return kept
    }

    fileprivate init(kept json: JSONReader) throws(Diagnostic) {
        let (name, stateName) = (try json.member("part").string(), try json.member("state").string())
        guard let part = RuntimePart(rawValue: name), let state = RuntimeReport.State(rawValue: stateName) else {
            throw json.malformed("`\(name)` is not a part, or `\(stateName)` is not a state")
        }
        self.init(
            part: part,
            state: state,
            reason: try json.member("why").string(),
            isNeeded: try json.member("needed").bool(),
            isOptional: try json.member("optional").bool(),
            weight: .known(
                size: try json.optional("size")?.int() ?? 0,
                compressed: try json.member("compressedSize").int()
            )
        )
    }
}

extension RuntimeReport {
    /// The parts whose size is not known before they are compressed, as lines of the table of known ones.
    ///
    /// None, if the table has all that coracle brings.
    var unknownSizes: [String] {
        parts.compactMap { $0.weight.unknownSize }
    }
}

extension RuntimeReport.Weight {
    /// Size of the files, in bytes.
    fileprivate var size: Int64 {
        switch self {
        case .contents(let contents): contents.reduce(0) { $0 + Int64($1.count) }
        case .known(let size, _): size
        }
    }

    /// About as much of the layer as the files take, in bytes.
    fileprivate var compressedSize: Int64 {
        guard case .contents(let contents) = self else {
            if case .known(_, let compressed) = self { return compressed }
            return 0
        }
        guard size > 4096 else { return size }
        var checksum = CRC32()
        for content in contents { content.withUnsafeBytes { checksum.update($0) } }
        let known = KnownContent(size: size, checksum: checksum)
        return Self.compressedSizes.withLock { sizes in
            if let size = sizes[known] { return size }
            let size = measuredSize
            sizes[known] = size
            return size
        }
    }

    /// A line for `shipped`; `nil` if it is there and right, or the part is small.
    fileprivate var unknownSize: String? {
        guard case .contents(let contents) = self, size > 4096 else { return nil }
        let checksum = CRC32(of: Array(contents.joined()))
        let measured = measuredSize
        guard Self.shipped[KnownContent(size: size, checksum: checksum)] != measured else { return nil }
        return "KnownContent(size: \(size), checksum: CRC32(resuming: \(checksum.value))): \(measured),"
    }

    /// What a compressor makes of the contents, in bytes.
    private var measuredSize: Int64 {
        guard case .contents(let contents) = self else { return size }
        let compressor = BlockCompressor(level: 1)
        let compressed = Array(contents.joined()).withUnsafeBytes { bytes in try? compressor.compress(bytes) }
        return compressed.map { Int64($0.count) } ?? size
    }

    /// Sizes that are known: the parts of most images are the same.
    private static let compressedSizes = Mutex(shipped)

    /// The certificates and time zones in coracle itself, so that a build need not compress them to say how large they are.
    private static let shipped = [
        KnownContent(size: 220_812, checksum: CRC32(resuming: 1_925_092_974)): Int64(133_007),
        KnownContent(size: 635_680, checksum: CRC32(resuming: 200_653_913)): 161_303,
    ]

    /// Contents, as far as it takes to name a size for a person to read.
    private struct KnownContent: Hashable, Sendable {
        let size: Int64
        let checksum: CRC32
    }
}
