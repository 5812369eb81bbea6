import Foundation
import PackagePlugin

/// `swift package build-container-image`: builds a product of the package, and has coracle make an image of it.
@main
struct BuildContainerImage: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) async throws {
        let asked = try ImageArguments(arguments)
        let products = context.package.products(ofType: ExecutableProduct.self).map(\.name)
        let product = try asked.chosen(of: products, in: context.package.displayName)
        let program = try build(product, asked, asked.isDebug ? .debug : .release)
        // With the same flags: packages that both use are compiled once.
        let coracle = try build("coracle", asked, .release)
        let directory = context.package.directoryURL
        let layout = directory.appending(path: "\(product).oci").path(percentEncoded: false)
        let process = Process()
        process.executableURL = coracle
        process.arguments = asked.command(for: program.path(percentEncoded: false), layout: layout)
        process.currentDirectoryURL = directory
        try process.run()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            // coracle has said why.
            throw ImageArguments.Mistake(
                description: "coracle ended with "
                    + (process.terminationReason == .exit ? "status" : "signal") + " \(process.terminationStatus)"
            )
        }
    }

    /// The program of a product, after it was built.
    private func build(
        _ product: String,
        _ asked: ImageArguments,
        _ configuration: PackageManager.BuildConfiguration
    ) throws -> URL {
        var parameters = PackageManager.BuildParameters(configuration: configuration)
        parameters.echoLogs = true
        parameters.otherSwiftcFlags = asked.isDynamic ? ["-static-stdlib"] : ["-static-executable"]
        if configuration == .release { parameters.otherLinkerFlags = ["-s"] }
        let result = try packageManager.build(.product(product), parameters: parameters)
        guard result.succeeded else {
            throw ImageArguments.Mistake(
                description: "`\(product)` could not be built"
                    + (asked.isDynamic ? "" : "; if a library has no static form, add `--dynamic`")
            )
        }
        let program = result.builtArtifacts.first { $0.kind == .executable && $0.url.lastPathComponent == product }
        guard let program else {
            throw ImageArguments.Mistake(description: "`\(product)` was built, and no program came out")
        }
        return program.url
    }
}
