package import ByteIO
package import Diagnostics
import Inventory
import OCI
import Plan
import SBOM

extension ImageDescriber {
    /// What `build` would put into an image of `paths`, without a base and without what coracle adds.
    ///
    /// - Throws: everything that keeps an image from being planned.
    package func describe(_ paths: [FilePath]) async throws(DiagnosticList) -> ImageDescription {
        var request = BuildRequest(paths: paths)
        request.choosesBase = false
        request.runtime = nil
        request.gate = nil
        let plan = try await Planner.plan(request, access)
        do throws(Diagnostic) {
            var inventories = [Inventory]()
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
            subject.isBuild = true
            return ImageDescription(inventory: .union(inventories), subject: subject)
        } catch {
            throw DiagnosticList(error)
        }
    }
}
