package import ByteIO
import Diagnostics
import YAML

/// What a project builds: the images of a file, with what it extends, its profiles and the environment.
///
///     base: debian13/cc
///     profiles: {release: {push: true}}
///     images:
///       shop: {path: bin/shop, env: {PORT: "8080"}}
///       cart: {path: bin/cart, tag: "ghcr.io/me/cart:${VERSION}"}
package struct ProjectDescription: Sendable {
    /// What is said of one image, the defaults included.
    package struct Image: Sendable {
        /// `nil` for the only image of a file that does not name it.
        package let name: String?
        /// Where it stands, counted from 1.
        package let line: Int
        /// By option. Paths are those of the working directory.
        package let values: [String: ProjectValue]

        /// The image of the project that it stands on; `nil` if there is none.
        package var base: String? { values["base"].flatMap { $0.isImage ? $0.text : nil } }

        /// With `name` where `{name}` stands.
        package func named(_ name: String) -> Image {
            Image(name: self.name, line: line, values: values.mapValues { $0.naming(name) })
        }
    }

    /// In the order of the files, no name twice.
    package let images: [Image]
    /// Whether the file describes one image, and has no list of images.
    package let isSingle: Bool
    /// The file that was named.
    package let path: FilePath

    /// What the paths in the file are relative to; `nil` for the working directory.
    package var directory: FilePath? { path.directory == "." ? nil : path.directory }

    // MARK: Images on images

    /// What is wrong with the images' bases.
    static func problems(of images: [Image], isSingle: Bool) -> [Diagnostic] {
        let bases = images.filter { $0.base != nil }
        guard !bases.isEmpty else { return [] }
        let names = images.compactMap(\.name)
        let table = Dictionary(images.compactMap { image in image.name.map { ($0, image) } }) { first, _ in first }
        var problems = [Diagnostic]()
        for image in bases {
            guard let base = image.base, let origin = image.values["base"]?.origin, table[base] == nil || isSingle
            else { continue }
            var problem = origin.malformed(
                isSingle
                    ? "`image` is another image of the file, and it describes one"
                    : "no image is called `\(image.values["base"]?.parts.first?.shown ?? base)`"
            )
            problem.hint = Spelling.closest(to: base, among: names).map { "did you mean `\($0)`?" }
            problems.append(problem)
        }
        guard problems.isEmpty else { return problems }
        // Each image stands on one other at most, so that following the bases finds every circle.
        var done = Set<String>()
        for image in bases {
            var (chain, next) = ([String](), image.name)
            while let name = next, !done.contains(name), !chain.contains(name) {
                chain.append(name)
                next = table[name]?.base
            }
            if let name = next, let start = chain.firstIndex(of: name), let origin = table[name]?.values["base"]?.origin
            {
                let circle = (chain[start...] + [name]).map { "`\($0)`" }.joined(separator: " on ")
                problems.append(origin.malformed("images stand on each other in a circle: \(circle)"))
            }
            done.formUnion(chain)
        }
        return problems
    }
}

extension ProjectOrigin {
    func malformed(_ reason: String) -> Diagnostic { part.malformed(line, "column \(column): \(reason)") }
}

extension ProjectPart {
    func malformed(_ line: Int, _ reason: String) -> Diagnostic {
        Diagnostic(
            .yamlUnexpected,
            "`\(file)` does not say what it should",
            at: .file(path: file, line: line),
            because: reason
        )
    }
}

extension Diagnostic.Code {
    static let imagesUnreadable = Self("images.unreadable", .input)
    static let profileUnknown = Self("project.no-profile", .usage)
}
