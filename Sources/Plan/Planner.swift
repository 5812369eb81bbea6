import ByteIO
package import Diagnostics
package import Images
import Layers
package import OCI
package import Request
package import SourceTree
package import Stack

/// Decides the images. Looks at files and bases, and opens no output.
package enum Planner {
    /// What is below the images, by platform.
    package typealias Bases = [Platform: Result<BaseReader.Found, Diagnostic>]

    /// Plans images that are made from nothing.
    ///
    /// - Throws: everything that is wrong with the request, at once.
    package static func plan(_ request: BuildRequest) throws(DiagnosticList) -> BuildPlan {
        precondition(
            request.base == nil && request.imageAdditions.isEmpty,
            "bases and other images are read through an access to images"
        )
        var remarks = Remarks()
        let inputs = remarks.take(PlanInputs.read(request, on: .scratch))
        return try plan(request, inputs, [:], nil, &remarks)
    }

    /// Plans images, on a base if the request names one.
    ///
    /// - Parameters:
    ///   - tree: the application directory, if it was walked already.
    ///   - steps: what the previous image's history says of its layers, the lowest first.
    ///   - share: what other images' plans have found out; `nil` for images that are planned by themselves.
    /// - Throws: everything that is wrong with the request, at once.
    package static func plan(
        _ request: BuildRequest,
        _ access: ImageAccess,
        walked tree: DirectoryTree? = nil,
        after steps: [String] = [],
        sharing share: PlanShare? = nil
    ) async throws(DiagnosticList) -> BuildPlan {
        var remarks = Remarks()
        var inputs = remarks.take(PlanInputs.read(request, on: .init(of: request), walked: tree, after: steps))
        inputs = await remarks.takingPlatform(of: inputs, request, share, access)
        let platforms = inputs.application?.variants.map(\.platform) ?? []
        if !request.imageAdditions.isEmpty, !platforms.isEmpty {
            let found = await ImageAdditions.read(request, for: platforms, share ?? PlanShare(), access)
            inputs = remarks.take(inputs.with(remarks.take(found)))
        }
        inputs.alternatives = KnownBases.alternatives(
            for: (request.origin?.typed ?? request.paths.first)?.display,
            access
        )
        var bases: Bases = [:]
        // Without an application it is not known for which platform.
        if let location = inputs.base, let variants = inputs.application?.variants, !variants.isEmpty {
            do throws(Diagnostic) {
                bases = try await (share ?? PlanShare()).read(location, for: variants.map(\.platform), access)
            } catch {
                remarks.problems.add(error)
            }
        }
        return try plan(request, inputs, bases, share, &remarks)
    }

    /// Plans the same image on each of `bases`, of which nothing but the files has to be known.
    ///
    /// - Parameter request: names a base, in whose place these are.
    package static func plans(
        _ request: BuildRequest,
        on bases: [BaseReader.Found]
    ) -> [Result<BuildPlan, DiagnosticList>] {
        guard let location = request.base else { preconditionFailure("no base is named") }
        var remarks = Remarks()
        let inputs = remarks.take(PlanInputs.read(request, on: .base(location)))
        return bases.map { found in
            Result { () throws(DiagnosticList) in
                var remarks = remarks
                let platforms = inputs.application?.variants.map(\.platform) ?? []
                let ground = Dictionary(platforms.map { ($0, Result<_, Diagnostic>.success(found)) }) { first, _ in
                    first
                }
                return try plan(request, inputs, ground, nil, &remarks)
            }
        }
    }

    private static func plan(
        _ request: BuildRequest,
        _ inputs: PlanInputs,
        _ bases: Bases,
        _ share: PlanShare?,
        _ remarks: inout Remarks
    ) throws(DiagnosticList) -> BuildPlan {
        let created = CreationTime(request.created, of: inputs.application)
        let planner = ImagePlanner(request: request, inputs: inputs, share: share, created: created)
        // By the manifest's digest; `nil` is `scratch`.
        var grounds: [Digest?: ImagePlanner.Ground] = [:]
        if inputs.base == nil { grounds[nil] = remarks.takeOnce(planner.ground(on: nil)) }
        var images = [BuildPlan.Image]()
        var layers = [PlannedLayer]()
        for (variant, needs) in zip(inputs.application?.variants ?? [], inputs.needs) {
            var variant = variant
            var found: BaseReader.Found?
            if inputs.base != nil {
                // Why there is none at all is a problem already.
                guard let base = bases[variant.platform] else { continue }
                found = remarks.collect { () throws(Diagnostic) in try base.get() }
                guard let found else { continue }
                if found.base.platform.isNewer(than: variant.platform) {
                    variant = variant.on(found.base.platform, because: "\(variant.evidence), and the base is for it")
                }
            }
            let digest = found?.base.manifest.digest
            let ground = grounds[digest] ?? remarks.takeOnce(planner.ground(on: found))
            grounds[digest] = ground
            guard let result = remarks.takeOnce(planner.image(variant, needs, on: ground)) else { continue }
            images.append(result.image.standing(on: result.layers, of: &layers))
        }
        try remarks.problems.check()
        guard let application = inputs.application else { preconditionFailure("no plan, and no problem with it") }
        return BuildPlan(
            output: request.output(named: application.name),
            isPushed: request.isPushed,
            isLoaded: request.isLoaded,
            format: request.format,
            applicationName: application.name,
            names: inputs.names,
            layers: layers,
            images: images,
            baseLocation: inputs.base,
            sourceImages: inputs.imageAdditions.images,
            annotations: request.annotations,
            created: created.time,
            createdSource: created.source,
            notes: remarks.notes
        )
    }
}

extension Remarks {
    /// `inputs` for the platform of their base, if nothing else says for which they are.
    fileprivate mutating func takingPlatform(
        of inputs: PlanInputs,
        _ request: BuildRequest,
        _ share: PlanShare?,
        _ access: ImageAccess
    ) async -> PlanInputs {
        // A base of the catalogue is there for all platforms that it can be built for.
        guard let location = inputs.base, let application = inputs.application, application.takesPlatformOfBase,
            !location.isOfCatalogue
        else { return inputs }
        var inputs = inputs
        do throws(Diagnostic) {
            let provider = try (share ?? PlanShare()).provider(for: location, on: [request.machine], access)
            let platforms = try await BaseManifests(provider).candidates.map(\.platform).filter { $0.os == "linux" }
            inputs.application = try application.onBase(for: platforms, onMachine: request.machine)
        } catch {
            problems.add(error)
            inputs.application = nil
        }
        return inputs
    }
}

extension ImageLocation {
    fileprivate var isOfCatalogue: Bool {
        if case .catalogue = self { true } else { false }
    }
}
