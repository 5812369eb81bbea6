import ByteIO
import Diagnostics
import Glibc
import OCI
import Store
import Synchronization
import TestSupport

/// A small image whose bytes follow from `seed`.
struct SmallImage {
    let layer: [UInt8]
    let layerDescriptor: Descriptor
    let config: Document<ImageConfig>
    let manifest: Document<Manifest>

    init(_ seed: String) {
        layer = Array("layer of \(seed)".utf8)
        let digest = Digest(sha256Of: layer)
        layerDescriptor = Descriptor(mediaType: .layerTarGzip, digest: digest, size: Int64(layer.count))
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.author = seed
        config.diffIDs = [DiffID(digest)]
        self.config = Document(encoding: config, as: .imageConfig)
        manifest = Document(
            encoding: Manifest(config: self.config.descriptor, layers: [layerDescriptor]),
            as: .imageManifest
        )
    }

    /// The image on its way to a destination that takes drafts in `directory`.
    func set(_ names: [String], in directory: FilePath) throws -> ImageSet {
        var draft = try BlobDraft(in: directory)
        try draft.write(layer)
        return ImageSet(
            top: manifest.descriptor,
            names: try names.map { name throws(Diagnostic) in try Reference(parsing: name) },
            listings: [ImageSet.Listing(config: config.descriptor, layers: [layerDescriptor])],
            blobs: [
                (layerDescriptor, .draft(draft.seal())), (config.descriptor, .bytes(config.bytes)),
                (manifest.descriptor, .bytes(manifest.bytes)),
            ]
        )
    }

    var digests: [Digest] { [layerDescriptor.digest, config.descriptor.digest, manifest.descriptor.digest] }
}

func publish(_ image: SmallImage, _ names: [String], to path: String) async throws {
    let destination = try LayoutDestination(FilePath(path))
    try await destination.publish(try image.set(names, in: destination.draftDirectory))
}

/// The names in `index.json` with their manifests' digests; every blob is read and verified on the way.
func contents(of path: String) throws -> [String: Digest] {
    let source = try ImageSource(FilePath(path))
    var names: [String: Digest] = [:]
    for entry in try source.index().manifests {
        let name =
            entry.annotations?[AnnotationKey.containerdImageName] ?? entry.annotations?[AnnotationKey.refName] ?? ""
        guard names.updateValue(entry.digest, forKey: name) == nil else {
            throw SupportError("`\(name)` is there twice")
        }
        let manifest = try Document<Manifest>(decoding: try source.document(entry), as: .imageManifest, named: name)
            .content
        for blob in [manifest.config] + manifest.layers { _ = try readAll(blob, from: source) }
    }
    return names
}

func readAll(_ blob: Descriptor, from source: ImageSource, by step: Int = 7) throws(Diagnostic) -> [UInt8] {
    var reader = try source.open(blob)
    var bytes = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: step)
    while true {
        let count = try reader.read(into: &buffer)
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

/// Runs `body` in `count` tasks at once, each with its number, and returns what they threw.
func inTasks(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async -> [any Error] {
    await withTaskGroup(of: (any Error)?.self) { group in
        for number in 0..<count {
            group.addTask {
                do {
                    try await body(number)
                    return nil
                } catch {
                    return error
                }
            }
        }
        return await group.reduce(into: []) { failures, failure in if let failure { failures.append(failure) } }
    }
}

/// Runs `body` on `count` threads at once, each with its number, and returns what they threw.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) -> [any Error] {
    final class Job: Sendable {
        let number: Int
        let body: @Sendable (Int) throws -> Void
        let failure = Mutex<(any Error)?>(nil)
        init(_ number: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
            (self.number, self.body) = (number, body)
        }
    }
    let jobs = (0..<count).map { Job($0, body) }
    var threads = [pthread_t]()
    for job in jobs {
        var thread = pthread_t()
        let started = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let job = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
                do {
                    try job.body(job.number)
                } catch {
                    job.failure.withLock { $0 = error }
                }
                return nil
            },
            Unmanaged.passRetained(job).toOpaque()
        )
        if started == 0 { threads.append(thread) }
    }
    for thread in threads { pthread_join(thread, nil) }
    return jobs.compactMap { job in job.failure.withLock { $0 } }
        + (threads.count == count ? [] : [SupportError("only \(threads.count) threads could be started")])
}
