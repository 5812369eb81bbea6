package import ByteIO
package import Diagnostics
import YAML

// What a file says, over what it extends, and below the profiles that count.
extension ProjectDescription {
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
        var reading = ProjectFileReading(keys, profiles: profiles, variables: variable)
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

    static func unknownProfile(_ name: String, _ known: [String], _ path: FilePath) -> Diagnostic {
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
