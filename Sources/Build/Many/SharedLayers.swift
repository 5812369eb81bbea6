import ByteIO
import Diagnostics
import Layers
import Plan
import Synchronization

/// The layers that several of many images have: each is written once, before the images.
package struct SharedLayers: Sendable {
    /// A layer, and the file system it is written to.
    struct Key: Hashable {
        let layer: PlannedLayer
        let device: UInt64

        // Layers that differ have other files, other times or another number of entries, nearly always. Hashing all
        // contents would take longer than comparing those that seem equal.
        func hash(into hasher: inout Hasher) {
            hasher.combine(layer.blueprint.createdBy)
            hasher.combine(layer.blueprint.entries.count)
            hasher.combine(layer.compression)
            if let last = layer.blueprint.entries.last {
                hasher.combine(last.path)
                if case .file(let path, let stamp) = last.content {
                    hasher.combine(path)
                    hasher.combine(stamp)
                }
            }
            hasher.combine(device)
        }

        static func == (left: Key, right: Key) -> Bool {
            left.device == right.device && left.layer == right.layer
        }
    }

    /// As many are written before the images: each keeps a file open until the end.
    private static let most = 128

    private let written: [Key: Result<WrittenContent, Diagnostic>]

    /// Writes what more than one of `jobs` has.
    ///
    /// - Parameter places: where the drafts of each job's layers are written.
    init(
        of jobs: [BuildJob],
        draftsIn places: [FilePath],
        _ assembler: (BuildJob, FilePath) throws(Diagnostic) -> Assembler
    ) async {
        var counts: [Key: Int] = [:]
        var shared: [(key: Key, job: BuildJob, place: FilePath)] = []
        for (job, place) in zip(jobs, places) {
            let device = Self.device(of: place)
            for layer in job.plan.layers {
                let key = Key(layer: layer, device: device)
                counts[key, default: 0] += 1
                if counts[key] == 2 { shared.append((key, job, place)) }
            }
        }
        var written: [Key: Result<WrittenContent, Diagnostic>] = [:]
        for (key, job, place) in shared.prefix(Self.most) {
            do throws(Diagnostic) {
                written[key] = .success(try await assembler(job, place).writeShared(key.layer))
            } catch {
                written[key] = .failure(error)
            }
        }
        self.written = written
    }

    /// The layer, if it is one of them; `place` is where its draft would be written else.
    ///
    /// - Throws: what kept it from being written.
    func layer(_ layer: PlannedLayer, draftIn place: FilePath) throws(Diagnostic) -> WrittenContent? {
        guard !written.isEmpty else { return nil }
        return try written[Key(layer: layer, device: Self.device(of: place))]?.get()
    }

    private static func device(of place: FilePath) -> UInt64 {
        (try? FileStatus(at: place, following: true))?.stamp.device ?? 0
    }
}
