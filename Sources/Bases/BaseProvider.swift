package import Diagnostics
package import OCI
package import Store
import Synchronization

/// A base as an image to build on or to copy. It is assembled when it is first used.
package final class BaseProvider: ImageProvider {
    package var name: String { entry.name }
    package var repository: RepositoryName? { nil }

    private let entry: BaseCatalogue.Entry
    private let assembler: BaseAssembler
    private let platforms: [Platform]?
    private let settle: Settling
    private let task = Mutex<Task<Result<AssembledBase, Diagnostic>, Never>?>(nil)

    /// Decides which packages a base is made of.
    package typealias Settling =
        @Sendable (BaseCatalogue.Entry) async throws(Diagnostic) -> BaseCatalogue.Entry

    /// - Parameters:
    ///   - platforms: the platforms; `nil` for all that are locked.
    ///   - settle: is asked once, before the base is assembled.
    package init(
        _ entry: BaseCatalogue.Entry,
        _ assembler: BaseAssembler,
        for platforms: [Platform]? = nil,
        settlingBy settle: @escaping Settling = { (entry) throws(Diagnostic) in entry }
    ) {
        self.entry = entry
        self.assembler = assembler
        self.platforms = platforms
        self.settle = settle
    }

    /// The image, made only once.
    package func assembled() async throws(Diagnostic) -> AssembledBase {
        let task = task.withLock { task in
            if let task { return task }
            let made = Task { [entry, assembler, platforms, settle] () -> Result<AssembledBase, Diagnostic> in
                do throws(Diagnostic) {
                    return .success(try await assembler.assemble(try await settle(entry), for: platforms))
                } catch {
                    return .failure(error)
                }
            }
            task = made
            return made
        }
        return try await task.value.get()
    }

    package func top() async throws(Diagnostic) -> Descriptor { try await assembled().top }

    package func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] {
        try await assembled().document(blob)
    }

    package func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob { try await assembled().blob(blob) }

    package func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] { [] }
}
