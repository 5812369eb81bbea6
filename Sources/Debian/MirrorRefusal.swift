package import Diagnostics
import HTTP
import OCI

/// Why one mirror did not provide a file.
struct MirrorRefusal: Error {
    enum Kind: Hashable {
        /// The mirror answers that there is no such file.
        case absent
        /// The file does not have the promised size or digest.
        case broken
        /// The answer was missing or incomplete; another try may help.
        case interrupted
        case unreachable
        /// This machine failed, so another mirror would not help.
        case local
    }

    let kind: Kind
    /// A clause without a full stop.
    private(set) var reason: String
    /// The address of the file.
    var address = ""
    /// The error of this machine, if the kind is `local`.
    var diagnostic: Diagnostic?

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    init(_ failure: HTTPFailure) { self.init(failure.isTransient ? .interrupted : .unreachable, failure.reason) }

    init(unreachable problem: Diagnostic) {
        self.init(.unreachable, [problem.summary, problem.reason].compactMap(\.self).joined(separator: ": "))
    }

    init(local problem: Diagnostic) {
        self.init(.local, problem.summary)
        diagnostic = problem
    }

    /// The problem if no mirror provides `file`.
    static func diagnostic(_ refusals: [MirrorRefusal], for file: String) -> Diagnostic {
        if let local = refusals.lazy.compactMap(\.diagnostic).first { return local }
        let reasons = refusals.map { "`\($0.address)`: \($0.reason)" }.joined(separator: "; ")
        if refusals.contains(where: { $0.kind == .broken }) {
            return Diagnostic(
                .mirrorOutOfStep,
                "no mirror gives \(file) as it was promised",
                because: reasons,
                hint: "a mirror is out of step with its signed Release: try again later, or another mirror"
            )
        }
        let isAbsent = !refusals.isEmpty && refusals.allSatisfy { $0.kind == .absent }
        return Diagnostic(
            isAbsent ? .mirrorHasNot : .mirrorUnreachable,
            isAbsent ? "no mirror has \(file)" : "no mirror answers with \(file)",
            because: refusals.isEmpty ? "there is no mirror to ask" : reasons,
            hint: refusals.isEmpty
                ? "name one with `--mirror`"
                : isAbsent ? "look whether the address of the mirror is right (`--mirror`), or try another one" : nil
        )
    }
}

extension MirrorRefusal: RetriedError {
    var retryReason: String { reason }

    func adding(_ clause: String) -> MirrorRefusal {
        var refusal = self
        refusal.reason = "\(reason); \(clause)"
        return refusal
    }
}

/// Compares a file with its promised size and digest while it arrives.
struct PromiseCheck: ~Copyable {
    private let size: Int64
    private let digest: Digest?
    private var count: Int64 = 0
    private var hasher = SHA256Hasher()

    /// - Parameter digest: `nil` if only the size is promised.
    /// - Throws: if `Content-Length` is not the promised size.
    init(_ size: Int64, _ digest: Digest?, _ response: HTTPResponse) throws(MirrorRefusal) {
        self.size = size
        self.digest = digest
        if let found = response.headers["Content-Length"].flatMap({ Int64($0) }), found != size {
            throw MirrorRefusal(.broken, "it has \(found) bytes, and \(size) were promised")
        }
    }

    mutating func take(_ chunk: HTTPChunk) throws(MirrorRefusal) {
        count += Int64(chunk.count)
        guard count <= size else {
            throw MirrorRefusal(.broken, "it has more than the \(size) bytes that were promised")
        }
        chunk.withUnsafeBytes { hasher.update($0) }
    }

    /// The file's digest.
    consuming func finish() throws(MirrorRefusal) -> Digest {
        let (size, promised, count) = (size, digest, count)
        guard count == size else {
            throw MirrorRefusal(.broken, "it has \(count) bytes, and \(size) were promised")
        }
        let digest = hasher.finalize()
        if let promised, promised != digest {
            throw MirrorRefusal(.broken, "its digest is \(digest), and \(promised) was promised")
        }
        return digest
    }
}

extension String {
    /// The text as a path of an address. All but plain characters are escaped, also `%`.
    var percentEncodedPath: String {
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var bytes = [UInt8]()
        for byte in utf8 {
            if byte.isDigit || byte.isLetter || "-._~/+".utf8.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Diagnostic.Code {
    package static let mirrorOutOfStep = Self("mirror.out-of-step", .verification)
    package static let mirrorHasNot = Self("mirror.has-not", .notFound)
    package static let mirrorUnreachable = Self("mirror.unreachable", .network)
}
