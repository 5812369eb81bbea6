import Archive
import Diagnostics
import Layers
import Needs
package import OCI
import Rootfs
import Stack
import Synchronization

/// What the runtime layer of an image brings, what it does not, and why.
package struct RuntimeReport: Sendable {
    enum State: Hashable, Sendable {
        case added
        /// For want of a need.
        case leftOut
        /// The base has it, or the user does not want it.
        case absent
    }

    struct Part: Sendable {
        let part: RuntimePart
        let state: State
        let answer: NeedAnswer?
        let reason: String
        /// The contents of its files, in their order.
        fileprivate let contents: [[UInt8]]

        /// Size of its files, in bytes.
        var size: Int64 { contents.reduce(0) { $0 + Int64($1.count) } }
    }

    let parts: [Part]

    /// Nil where there is no runtime layer.
    init?(_ options: RuntimeOptions?, _ needs: ApplicationNeeds, in stack: LayerStack) {
        guard let options else { return nil }
        let entries = stack.blueprints.filter(\.kind.isReplaceable).flatMap(\.entries)
        parts = RuntimePart.allCases.map { part in
            let own = entries.filter { RuntimePart(of: $0.path) == part }
            let need = needs.need(for: part)
            return Part(
                part: part,
                state: options.omitted.contains(part) ? .leftOut : own.isEmpty ? .absent : .added,
                answer: need.map { needs[$0].answer },
                reason: need.map(needs.reason) ?? "only tools that look into images read it",
                contents: own.compactMap { if case .bytes(let bytes) = $0.content { bytes } else { nil } }
            )
        }
    }

    /// For a person, in lines.
    ///
    /// - Parameter isCompressed: whether sizes are of what is stored, or of the files.
    package func lines(isCompressed: Bool) -> [String] {
        parts.compactMap { part in
            switch part.state {
            case .absent: return nil
            case .leftOut: return "- \(part.part.rawValue): \(part.reason)"
            case .added:
                let isMinimal = parts.contains { $0.state == .leftOut }
                guard isMinimal || part.isWorthTelling else { return nil }
                let size = isCompressed ? part.compressedSize : part.size
                let why = part.isOptional ? "\(part.reason); `--minimal` leaves it out" : part.reason
                return "+ \(part.part.rawValue)" + (size > 0 ? " \(ByteCount(size))" : "") + ": \(why)"
            }
        }
    }

    /// For a program.
    package var json: JSON {
        .array(
            parts.map { part in
                var json = JSONObject()
                json["part"] = .string(part.part.rawValue)
                json["state"] =
                    switch part.state {
                    case .added: "added"
                    case .leftOut: "left-out"
                    case .absent: "absent"
                    }
                json["size"] = part.state == .added ? .int(part.size) : nil
                json["why"] = .string(part.reason)
                return .object(json)
            }
        )
    }
}

extension RuntimeReport.Part {
    /// Whether a minimal image would be without it.
    fileprivate var isOptional: Bool { answer?.isWanted == false }

    /// What is large, and what is small and asked for.
    fileprivate var isWorthTelling: Bool {
        if part == .certificates || part == .zoneinfo { return true }
        return if case .needed = answer { part == .accounts } else { false }
    }

    /// About as much of the layer as it takes.
    fileprivate var compressedSize: Int64 {
        guard size > 4096 else { return size }
        let content = Array(contents.joined())
        let digest = Digest(sha256Of: content)
        if let known = Self.compressedSizes.withLock({ $0[digest] }) { return known }
        let compressor = BlockCompressor(level: 1)
        let compressed = content.withUnsafeBytes { bytes in try? compressor.compress(bytes) }
        let compressedSize = compressed.map { Int64($0.count) } ?? size
        Self.compressedSizes.withLock { $0[digest] = compressedSize }
        return compressedSize
    }

    /// By the digest of the content: of many images the parts are the same.
    private static let compressedSizes = Mutex<[Digest: Int64]>([:])
}
