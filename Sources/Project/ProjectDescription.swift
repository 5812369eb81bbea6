package import ByteIO
package import Diagnostics
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

    /// Reads the file at `path` and those that it extends, which say of images what `keys` can take.
    ///
    /// - Parameters:
    ///   - profiles: the names of those that count, the last one the most.
    ///   - variable: the value of a variable of the environment; `nil` if it is not set.
    ///   - needsImages: whether a file without images is a problem.
    /// - Returns: `nil` if the file has only other settings, and that is not a problem.
    /// - Throws: `images.unreadable`; `usage.malformed` for a profile that no file has; `yaml.…` with line and column for
    ///   everything that is not understood, at once.
    package static func read(
        _ path: FilePath,
        _ keys: ProjectKeys,
        profiles: [String] = [],
        variable: @escaping @Sendable (String) -> String?,
        needsImages: Bool = true
    ) throws(DiagnosticList) -> ProjectDescription? {
        let files: [ProjectFile]
        do throws(Diagnostic) {
            files = try ProjectFile.all(from: path) { .unreadable($0, $1, isNamed: $0 == path) }
        } catch {
            throw DiagnosticList(error)
        }
        var reading = ProjectReading(keys, profiles: profiles, variables: variable)
        let settings = files.map { reading.settings($0) }
        let all = settings.flatMap(\.profiles)
        var used = [ProjectSettings]()
        for name in profiles {
            let chosen = all.filter { $0.part.profile == name }
            if chosen.isEmpty { reading.problems.append(.unknownProfile(name, all.compactMap(\.part.profile), path)) }
            used += chosen
        }
        let isSingle = !settings.contains { $0.hasList }
        let isEmpty = isSingle && !settings.contains { $0.hasKeys }
        let top = files[files.count - 1].content
        if isEmpty, needsImages, reading.problems.isEmpty {
            reading.problems.append(top.malformed("there are no `images`"))
        }
        let images =
            isEmpty ? [] : isSingle ? [single(settings + used)] : listed(settings, used, top, &reading.problems)
        if reading.problems.isEmpty { reading.problems = problems(of: images, isSingle: isSingle) }
        if let list = DiagnosticList(reading.problems) { throw list }
        return isEmpty ? nil : ProjectDescription(images: images, isSingle: isSingle, path: path)
    }

    /// The image of a file without a list.
    private static func single(_ settings: [ProjectSettings]) -> Image {
        var values: [String: ProjectValue] = [:]
        for part in settings { values.add(part.defaults) }
        return Image(name: settings.compactMap(\.name?.text).last, line: 1, values: values)
    }

    /// - Parameters:
    ///   - used: the profiles that count.
    ///   - top: the file that was named.
    private static func listed(
        _ settings: [ProjectSettings],
        _ used: [ProjectSettings],
        _ top: YAMLReader,
        _ problems: inout [Diagnostic]
    ) -> [Image] {
        var defaults: [String: ProjectValue] = [:]
        var images = [(name: String, line: Int, values: [String: ProjectValue])]()
        var places: [String: Int] = [:]
        for part in settings + used {
            defaults.add(part.defaults)
            if let name = part.name {
                problems.append(name.origin.malformed("`name` is the name of one image, and there is a list of images"))
            }
            for image in part.images {
                if let place = places[image.name] {
                    images[place].values.add(image.values)
                } else if let profile = part.part.profile {
                    let near = Spelling.closest(to: image.name, among: images.map(\.name))
                    var problem = part.part.malformed(
                        image.line,
                        "profile `\(profile)` is about image `\(image.name)`, which no file lists"
                    )
                    problem.hint = near.map { "did you mean `\($0)`?" }
                    problems.append(problem)
                } else {
                    places[image.name] = images.count
                    images.append((image.name, image.line, image.values))
                }
            }
        }
        return images.map { image in
            var values = defaults.mapValues { $0.naming(image.name) }
            values.add(image.values)
            return Image(name: image.name, line: image.line, values: values)
        }
    }

    // MARK: Images on images

    /// What is wrong with the images' bases.
    private static func problems(of images: [Image], isSingle: Bool) -> [Diagnostic] {
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

extension Diagnostic {
    fileprivate static func unreadable(_ path: FilePath, _ error: SystemError, isNamed: Bool) -> Diagnostic {
        Diagnostic(
            .imagesUnreadable,
            "`\(path.display)` cannot be read",
            at: .file(path: path.display),
            because: error.description,
            hint: isNamed ? "check the path given to `--file`" : "check the path in `extends`"
        )
    }

    fileprivate static func unknownProfile(_ name: String, _ known: [String], _ path: FilePath) -> Diagnostic {
        let names = known.map { "`\($0)`" }.joined(separator: ", ")
        let hint = Spelling.closest(to: name, among: known).map { "did you mean `\($0)`?" }
        return Diagnostic(
            .profileUnknown,
            "no profile is called `\(name)`",
            at: .option("--profile"),
            because: known.isEmpty ? "`\(path.display)` has no `profiles`" : "`\(path.display)` has \(names)",
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let imagesUnreadable = Self("images.unreadable", .input)
    static let profileUnknown = Self("project.no-profile", .usage)
}
