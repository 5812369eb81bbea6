import ArgumentParser
import Images
import SharedOptions
import Terminal

/// The arguments of `build` and `plan`: one image, or the images of a file.
package struct BuildArguments: ParsableArguments {
    @OptionGroup var options: BuildOptions
    @OptionGroup(title: "Many images") var many: ManyOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var newest: NewestOptions
    @OptionGroup(title: "Bases") var layering: LayeringOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    /// What is done with one image, or with several.
    ///
    /// - Returns: the one image with what was done with it; `nil` if there are several.
    func run<Result>(
        one: (AskedImage, ImageAccess) async throws -> Result,
        several: (BatchRun, [BatchImage]) async throws -> Void
    ) async throws -> (AskedImage, Result)? {
        let subject = try many.subject(options)
        return try await registry.withAccess(
            bases: bases,
            layering: layering,
            newest: newest,
            project: many.directory
        ) { access in
            switch subject {
            case .one(let asked): return (asked, try await one(asked, access))
            case .many(let project):
                try await several(BatchRun(options, many, access), try many.batch(project, options, access))
                return nil
            }
        }
    }
}
