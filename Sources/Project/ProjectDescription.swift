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

        /// The images of the project that files are taken from.
        package var sources: [String] {
            (values["add-from"]?.parts ?? []).compactMap { SiblingAddition.image(of: $0.text) }
        }

        /// The images of the project that have to be there first, and where that is written.
        fileprivate var needed: [Need] {
            var needed = [Need]()
            if let value = values["base"], let base {
                needed.append((base, value.parts.first?.shown ?? base, value.origin))
            }
            for part in values["add-from"]?.parts ?? [] {
                guard let name = SiblingAddition.image(of: part.text) else { continue }
                needed.append((name, SiblingAddition.image(of: part.shown) ?? name, part.origin))
            }
            return needed
        }

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

    /// An image that has to be there first.
    fileprivate typealias Need = (name: String, shown: String, origin: ProjectOrigin)

    /// What is wrong with the images that others stand on, or that files are taken from.
    static func problems(of images: [Image], isSingle: Bool) -> [Diagnostic] {
        let others = images.map { ($0, $0.needed) }.filter { !$0.1.isEmpty }
        guard !others.isEmpty else { return [] }
        let names = images.compactMap(\.name)
        let known = Set(names)
        var problems = [Diagnostic]()
        for need in others.flatMap(\.1) where isSingle || !known.contains(need.name) {
            var problem = need.origin.malformed(
                isSingle
                    ? "`image` is another image of the file, and it describes one"
                    : "no image is called `\(need.shown)`"
            )
            problem.hint = Spelling.closest(to: need.name, among: names).map { "did you mean `\($0)`?" }
            problems.append(problem)
        }
        guard problems.isEmpty else { return problems }
        var table: [String: (base: String?, needed: [Need])] = [:]
        for (image, needed) in others { if let name = image.name { table[name] = (image.base, needed) } }
        var done = Set<String>()
        for (image, _) in others {
            guard let name = image.name, !done.contains(name) else { continue }
            // The images from the first one to the one that is looked at, and which of its needs comes next.
            var chain = [(name: name, next: 0)]
            while let (name, next) = chain.last {
                let needed = table[name]?.needed ?? []
                guard next < needed.count else {
                    done.insert(name)
                    chain.removeLast()
                    continue
                }
                chain[chain.count - 1].next += 1
                let other = needed[next]
                if let start = chain.firstIndex(where: { $0.name == other.name }) {
                    let circle = chain[start...].map(\.name) + [other.name]
                    let areBases = zip(circle, circle.dropFirst()).allSatisfy { table[$0]?.base == $1 }
                    let text = circle.map { "`\($0)`" }.joined(separator: areBases ? " on " : " needs ")
                    let origin = table[other.name]?.needed.first?.origin ?? other.origin
                    let verb = areBases ? "stand on" : "need"
                    problems.append(origin.malformed("images \(verb) each other in a circle: \(text)"))
                    // One circle is enough: others may be parts of it.
                    done.formUnion(chain.map(\.name))
                    break
                }
                if !done.contains(other.name) { chain.append((other.name, 0)) }
            }
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
