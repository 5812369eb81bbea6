import Diagnostics
import OCI
import Store

/// An image of which it is known what it has to be: that its name stands for another one by now is an error.
struct PinnedProvider: ImageProvider {
    private let provider: any ImageProvider
    private let digest: Digest
    let name: String

    /// - Parameter name: `nil` for the provider's.
    init(_ provider: any ImageProvider, to digest: Digest, called name: String? = nil) {
        self.provider = provider
        self.digest = digest
        self.name = name ?? provider.name
    }

    var repository: RepositoryName? { provider.repository }

    /// - Throws: `image.moved`.
    func top() async throws(Diagnostic) -> Descriptor {
        let top = try await provider.top()
        guard top.digest == digest else {
            throw Diagnostic(
                .imageMoved,
                "`\(name)` is another image than the one that was verified",
                at: .image(name),
                because: "it was \(digest) a moment ago, and is \(top.digest)",
                hint: "try again"
            )
        }
        return top
    }

    func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] { try await provider.document(blob) }
    func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob { try await provider.blob(blob) }
    func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool { try await provider.holds(blob) }
    func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] {
        try await provider.referrers(of: digest)
    }
    func siblings(tagged tags: [String]) async throws(Diagnostic) -> [String: Descriptor] {
        try await provider.siblings(tagged: tags)
    }
}

extension Diagnostic.Code {
    static let imageMoved = Self("image.moved", .verification)
}
