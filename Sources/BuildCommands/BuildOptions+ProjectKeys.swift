import ArgumentParser
package import Project
import SourceBuild

extension BuildOptions {
    /// What `coracle.yaml` can say of an image: the options by their names, without the hyphens before them, and how source is
    /// built.
    package static let projectKeys: ProjectKeys = {
        var keys = flags.compactMap { flag in
            flag.kind.map { kind in
                ProjectKey(
                    flag.name,
                    kind,
                    flag.key.role,
                    help: flag.help.abstract,
                    in: flag.group?.rawValue,
                    called: flag.nameInGroup
                )
            }
        }
        let path = "The image's programs or directory, or source."
        keys[0] = ProjectKey("path", .list, .path, help: path)
        keys.insert(
            ProjectKey(
                "source",
                .text,
                .source,
                help: "Source that the program is built from: a path or an import path.",
                in: BuildFlag.Group.source.rawValue,
                called: "path"
            ),
            at: 1
        )
        return ProjectKeys(keys + sourceKeys)
    }()

    /// How source is built.
    private static let sourceKeys = Ecosystem.allCases.flatMap { toolchain in
        let language = toolchain.language
        func key(_ name: String, _ kind: ProjectKey.Kind, _ help: String) -> ProjectKey {
            let role: ProjectKey.Role = kind == .pairs ? .pairs : .plain
            let name = "\(toolchain.rawValue).\(name)"
            return ProjectKey(name, kind, role, help: help, in: BuildFlag.Group.source.rawValue)
        }
        var keys = [
            key("flags", .list, "Arguments of what builds source of \(language)."),
            key("env", .pairs, "Variables of what builds source of \(language)."),
        ]
        if toolchain == .go { keys.append(key("ldflags", .list, "Arguments of Go's linker.")) }
        if toolchain == .go || toolchain == .cargo {
            keys.append(key("tags", .list, toolchain == .go ? "Go's build tags." : "Features of the crate."))
        }
        return keys
    }

    /// These options, typed for all images, over what a file says of one: a value or a list that was typed replaces the
    /// file's, a pair the one of the same name. `{name}` in what was typed stands for `name`.
    ///
    /// - Parameter typed: places of the options that were typed.
    /// - Returns: the options, and the places of those that say something.
    func over(
        _ image: ProjectDescription.Image,
        named name: String,
        _ typed: [Int]
    ) -> (options: BuildOptions, given: [Int]) {
        // An image says a few things, and there are many options: only those that say something are looked at.
        var (options, given) = (self, typed)
        for (key, said) in image.values {
            guard let place = BuildFlag.place(of: key) else { continue }
            Self.flags[place].fill(&options, said, name)
            if !typed.contains(place) { given.append(place) }
        }
        for place in typed where image.values[Self.flags[place].name] == nil {
            Self.flags[place].fill(&options, nil, name)
        }
        if options.paths.isEmpty, let source = image.values["source"]?.text { options.paths = [source] }
        return (options, given.sorted())
    }

    /// Places in `flags` of the options that say something.
    var givenPlaces: [Int] { Self.flags.indices.filter { Self.flags[$0].isGiven(in: self) } }
}

extension BuildFlag {
    /// `nil` for an option that no file has.
    fileprivate var kind: ProjectKey.Kind? {
        switch (key, value) {
        case (.none, _): nil
        case (.pairs, _): .pairs
        case (_, .text): .text
        case (_, .number): .number
        case (_, .flag): .flag
        case (_, .each), (_, .all): .list
        }
    }

    /// Puts the image's name into what was typed, and `said` where nothing was typed.
    fileprivate func fill(_ options: inout BuildOptions, _ said: ProjectValue?, _ name: String) {
        switch value {
        case .text(let place, _):
            if let typed = options[keyPath: place] {
                options[keyPath: place] = typed.naming(image: name)
            } else if let said, !said.isImage {
                options[keyPath: place] = said.text
            }
        case .number(let place, _):
            if options[keyPath: place] == nil { options[keyPath: place] = said?.text.flatMap { Int($0) } }
        case .flag(let place, _):
            if said?.text == "true" { options[keyPath: place] = true }
        case .each(let place, _), .all(let place, _):
            // A text is as it is.
            let typed = options[keyPath: place].map { key == .text ? $0 : $0.naming(image: name) }
            let texts = said?.texts ?? []
            options[keyPath: place] = key == .pairs ? texts + typed : typed.isEmpty ? texts : typed
        }
    }
}
