package import ByteIO
package import Diagnostics
import Inventory
import OCI
import Plan
import Request
import SBOM

extension ImageDescriber {
    /// What an image of `paths` would have in it, with the base that `build` would choose and without what coracle adds.
    ///
    /// - Throws: everything that keeps an image from being planned.
    package func describe(_ paths: [FilePath]) async throws(DiagnosticList) -> ImageDescription {
        var request = BuildRequest(paths: paths)
        request.runtime = nil
        request.gate = nil
        let plan = try await Planner.plan(request, access)
        do throws(Diagnostic) {
            var inventories = [Inventory]()
            var base: SBOMSubject.Base?
            if let location = plan.baseLocation {
                let description = try await describe(location, for: plan.images.map(\.platform))
                inventories.append(description.inventory)
                base = SBOMSubject.Base(name: description.subject.name, digest: description.subject.digest)
            }
            for image in plan.images {
                let root = PlannedRoot(of: image.layers.map { plan.layers[$0].blueprint })
                inventories.append(try Inventory(of: root))
            }
            var subject = SBOMSubject(
                .files,
                name: plan.applicationName,
                digest: nil,
                created: created ?? plan.created
            )
            subject.supplier = supplier
            subject.base = base
            subject.isBuild = true
            return ImageDescription(inventory: .union(inventories), subject: subject)
        } catch {
            throw DiagnosticList(error)
        }
    }
}
