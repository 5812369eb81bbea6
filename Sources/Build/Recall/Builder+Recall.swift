import ByteIO
package import Diagnostics
import Images
import Layers
import OCI
package import Plan
package import Request
import SourceTree
package import Store

extension Builder {
    /// A change in what is kept needs another number.
    private static let kind = "build-5"
    private static let filesKind = "build-files-1"

    /// How much of an earlier build is wanted.
    package enum RecallDetail: Sendable {
        case facts
        /// With a list of the files of each layer.
        case factsAndFiles
    }

    /// Looks at the inputs from outside; `nil` if nothing is to be remembered of them.
    package func survey(_ request: BuildRequest) throws(Diagnostic) -> InputSurvey? {
        guard let memory = try memory(request.startedAt) else { return nil }
        let trees = TreeMemory(cache: memory.cache, trust: memory.trust, isReadingAll: request.readsAllFiles)
        return try InputSurvey(request, trees)
    }

    /// The earlier build of the same request from the same inputs; `nil` if there is none that is whole.
    package func recall(
        _ survey: InputSurvey?,
        _ request: BuildRequest,
        _ detail: RecallDetail = .facts
    ) async throws(Diagnostic) -> RecalledBuild? {
        guard var recalled = try await recall(survey, request, sharing: nil) else { return nil }
        guard detail == .factsAndFiles else { return recalled }
        guard let key = survey?.key, let memory = try memory(request.startedAt),
            let bytes = try memory.cache.derived(Self.filesKind, of: key.request),
            let files = LayerFileRecord.decode(bytes, of: key.inputs)
        else { return nil }
        recalled.files = files
        return recalled
    }

    /// The same for one image of many.
    package func recall(
        _ survey: InputSurvey?,
        _ request: BuildRequest,
        sharing share: PlanShare?
    ) async throws(Diagnostic) -> RecalledBuild? {
        guard let key = survey?.key, let memory = try memory(request.startedAt),
            let bytes = try memory.cache.derived(Self.kind, of: key.request)
        else { return nil }
        var recalled: RecalledBuild
        do throws(Diagnostic) {
            guard let kept = try RecalledBuild(bytes, of: key.inputs, for: request) else { return nil }
            recalled = kept
        } catch {
            // It is made again.
            try memory.cache.delete(derived: Self.kind, of: key.request)
            return nil
        }
        do throws(Diagnostic) {
            // The same names, in the same order: the request is the same.
            for (location, image) in zip(request.sourceLocations, recalled.sourceImages) {
                guard try await provider(for: location, on: recalled.platforms, share).top().digest == image else {
                    return nil
                }
            }
            guard let base = recalled.base else { return recalled }
            guard let location = base.location ?? request.base else { return nil }
            let provider = try provider(for: location, on: base.platforms, share)
            // A name may stand for another image by now.
            guard try await provider.top().digest == base.top else { return nil }
            recalled.base?.provider = provider
            return recalled
        } catch {
            // Planning meets the same problem, and reports it with all others.
            return nil
        }
    }

    private func provider(
        for location: ImageLocation,
        on platforms: [Platform],
        _ share: PlanShare?
    ) throws(Diagnostic) -> any ImageProvider {
        if let share { return try share.provider(for: location, on: platforms, access) }
        return try access.provider(for: location, on: platforms)
    }

    /// Puts what an earlier build wrote where `request` says, and says the same about it.
    ///
    /// - Returns: the build, with what was said about it; `nil` if not all of it is there any more.
    package func publish(
        _ recalled: RecalledBuild,
        _ request: BuildRequest,
        _ statements: (any BuildStatements)? = nil
    ) async throws(Diagnostic) -> RecalledBuild? {
        try await publish(recalled, request, statements) { images async throws(Diagnostic) in
            try await publish(images, to: recalled.output)
        }
    }

    /// The same for one image of many.
    ///
    /// - Parameter put: puts the images where they stay on this machine.
    func publish(
        _ recalled: RecalledBuild,
        _ request: BuildRequest,
        _ statements: (any BuildStatements)?,
        _ put: (ImageSet) async throws(Diagnostic) -> Void
    ) async throws(Diagnostic) -> RecalledBuild? {
        let isInPlace = await isInPlace(recalled, request)
        guard let images = try await images(of: recalled, request, checked: !isInPlace) else { return nil }
        if !isInPlace {
            try await put(try await statements?.accompanied(images, knowing: [:]) ?? images)
            if request.isPushed { try await access.push(images, to: recalled.delivery.names) }
            if request.isLoaded { try await receiver?.receive(images) }
        }
        var recalled = recalled
        recalled.statements = try await statements?.state(about: images, nil) ?? []
        return recalled
    }

    /// Whether the image is only wanted in registries, and is there.
    private func isInPlace(_ recalled: RecalledBuild, _ request: BuildRequest) async -> Bool {
        guard request.isPushed, !request.isLoaded, !request.hasDebugTwin, recalled.output == nil else { return false }
        return await access.isPushed(recalled.facts.top, to: recalled.delivery.names)
    }

    /// What an earlier build wrote; `nil` if not all of it is there any more.
    ///
    /// - Parameter isChecked: whether its layers are read, to know that they are whole; else their readers find that out.
    package func images(
        of recalled: RecalledBuild,
        _ request: BuildRequest,
        checked isChecked: Bool = true
    ) async throws(Diagnostic) -> ImageSet? {
        guard let memory = try memory(request.startedAt) else { return nil }
        var blobs = [LocalBlob]()
        for layer in recalled.layers {
            guard let table = try memory.table(of: layer.lineage, writing: layer.descriptor.mediaType),
                table.layer.descriptor.digest == layer.descriptor.digest
            else { return nil }
            if !isChecked {
                guard let blob = try memory.cache.opened(layer.descriptor) else { return nil }
                blobs.append(blob)
                continue
            }
            guard let blob = try await memory.intact(table, in: recalled.output?.layout, cores: cores) else {
                try memory.forget(layer.lineage, table.codec)
                return nil
            }
            blobs.append(blob)
        }
        return recalled.images(blobs)
    }

    /// Stores what was written of a build in the cache, and the list of its files: true wherever the images get to.
    func store(_ layers: [LayerBlob], of job: BuildJob) async -> Result<Void, Diagnostic> {
        Result { () throws(Diagnostic) in
            guard let memory = try memory(job.startedAt) else { return }
            for layer in layers { try memory.keep(layer) }
            guard let key = job.key else { return }
            let files = LayerFileRecord.encode(job.plan.layers.map(\.blueprint.entries), of: key.inputs)
            try memory.cache.insert(derived: files, Self.filesKind, of: key.request)
        }
    }

    /// Stores the build, whose layers were stored, in the cache. Failure is ignored: it only makes later builds slower.
    package func keep(_ report: BuildReport, _ job: BuildJob) async throws(Diagnostic) {
        let plan = job.plan
        guard let key = job.key, let memory = try memory(job.startedAt)
        else { return }
        var layers = [RecalledBuild.Layer]()
        for (image, written) in zip(plan.images, report.images.images) {
            for (index, layer) in zip(image.layers, written.layers) {
                let lineage = LayerCache.lineage(of: plan.layers[index])
                let table = try memory.table(of: lineage, plan.layers[index].compression.codec)
                guard table?.layer.descriptor.digest == layer.descriptor.digest else { return }
                if layers.contains(where: { $0.lineage == lineage }) { continue }
                layers.append(RecalledBuild.Layer(descriptor: layer.descriptor, lineage: lineage))
            }
        }
        let build = try await RecalledBuild(report, layers)
        let bytes = build.kept(key.inputs).encoded()
        try memory.cache.insert(derived: bytes, Self.kind, of: key.request)
    }
}
