package import Bases
package import Diagnostics
package import OCI

extension Catalogue {
    /// The shell that a `debug` base has, as a layer by itself: of the newest `static`, whose lock the user may have renewed.
    package static func debugLayer(for platform: Platform, _ access: ImageAccess) async throws(Diagnostic) -> DebugLayer
    {
        let catalogue = try Catalogue(access)
        let assembler = BaseAssembler(try catalogue.fetcher(), cores: access.settings.bases.cores)
        return try await assembler.debugLayer(of: try catalogue.bases.entry(named: "static:debug"), for: platform)
    }
}
