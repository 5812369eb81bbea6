// Builds an image of a directory, validates it, and prints its reference.
import Coracle
import Glibc

let words = CommandLine.arguments
guard words.count > 4 else {
    print("usage: image DIRECTORY NAME LAYOUT ENTRYPOINT...")
    exit(2)
}
let (directory, name, layout) = (words[1], words[2], words[3])

do {
    let result = try await withImageSession { session in
        var recipe = ImageRecipe(path: directory)
        recipe.names = [name]
        recipe.entrypoint = Array(words[4...])
        recipe.labels = ["org.opencontainers.image.title": "an example"]
        let result = try await session.build(recipe, to: .layout(layout))
        for problem in try await session.validate(layout) { print(problem) }
        for image in try await session.read(layout) {
            let programs = image.files.filter { $0.path.hasPrefix("/app/") && $0.kind == .regular }
            print(
                "\(image.platform): user \(image.user ?? "root"), \(image.layers.count) layers, starts \(image.entrypoint)"
            )
            for file in programs { print("  \(file.path), mode \(String(file.mode, radix: 8))") }
        }
        return result
    }
    for warning in result.warnings { print(warning.summary) }
    print(result.reference)
} catch let error as CoracleError {
    print(error)
    exit(error.exitStatus)
}
