import ELF
import Layers
import Needs
package import OCI

/// What the programs of one image ask for, and what made the program that is started: values that can be kept.
package struct NeedsReport: Hashable, Sendable {
    /// What is known of one need.
    struct Answer: Hashable, Sendable {
        let need: Need
        /// Such as `needed`; see `NeedAnswer.word`.
        let word: String
        let reason: String
        /// The program's path in the image; `nil` for what cannot be looked into.
        let program: String?
    }

    /// A module of Go or a crate of Rust.
    struct Package: Hashable, Sendable {
        let name: String
        let version: String
    }

    /// What Go's linker noted in a program.
    struct GoProgram: Hashable, Sendable {
        let version: String
        let path: String?
        let module: Package?
        /// With the replacements of `go.mod` in their places.
        let dependencies: [Package]
        let settings: [String: String]
    }

    enum Maker: Hashable, Sendable {
        case go(GoProgram)
        /// The commit of the compiler; the crates if the program lists them.
        case rust(commit: String, crates: [Package]?)
    }

    /// One answer for each need, in the order of needs.
    let answers: [Answer]
    /// `nil` if what made the program is not known.
    let maker: Maker?

    package init(_ needs: ApplicationNeeds) {
        answers = Need.allCases.map { need in
            let answer = needs[need]
            return Answer(
                need: need,
                word: answer.answer.word,
                reason: answer.answer.reason,
                program: answer.program?.description
            )
        }
        maker = needs.maker.flatMap { Maker($0) }
    }

    /// For a person: what made the program that is started.
    package var line: String? {
        switch maker {
        case .go(let program):
            var words = [program.version]
            if let module = program.module { words.append("\(module.name) \(module.version)") }
            if let commit = program.settings["vcs.revision"] {
                let isModified = program.settings["vcs.modified"] == "true"
                words.append("commit \(commit.prefix(12))\(isModified ? ", modified" : "")")
            }
            let count = program.dependencies.count
            if count > 0 { words.append(count == 1 ? "1 module" : "\(count) modules") }
            if let tags = program.settings["-tags"] { words.append("tags \(tags)") }
            if program.settings["CGO_ENABLED"] == "1" { words.append("cgo") }
            return words.joined(separator: ", ")
        // The name of the compiler alone is not worth a line.
        case .rust(let commit, let crates?): return "rustc \(commit.prefix(12)), \(crates.count) crates"
        case .rust, nil: return nil
        }
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        for answer in answers {
            var entry = JSONObject()
            entry["answer"] = .string(answer.word)
            entry["why"] = .string(answer.reason)
            entry["program"] = answer.program.map { .string($0) }
            json[answer.need.rawValue] = .object(entry)
        }
        return .object(json)
    }

    /// For a program: what Go's linker noted, or which compiler of Rust it was; `nil` for others.
    package var makerJSON: JSON? {
        var json = JSONObject()
        switch maker {
        case .go(let program):
            json["go"] = .string(program.version)
            json["path"] = program.path.map { .string($0) }
            json["module"] = program.module.map { ["path": .string($0.name), "version": .string($0.version)] }
            json["dependencies"] = .array(
                program.dependencies.map { ["path": .string($0.name), "version": .string($0.version)] }
            )
            var settings = JSONObject()
            for key in program.settings.keys.sorted() { settings[key] = program.settings[key].map { .string($0) } }
            json["settings"] = .object(settings)
        case .rust(let commit, let crates):
            json["rustc"] = .string(commit)
            json["crates"] = crates.map { crates in
                .array(crates.map { ["name": .string($0.name), "version": .string($0.version)] })
            }
        case nil: return nil
        }
        return .object(json)
    }
}

extension NeedsReport.Maker {
    fileprivate init?(_ maker: ProgramMaker) {
        switch maker {
        case .go(let info):
            self = .go(
                NeedsReport.GoProgram(
                    version: info.version,
                    path: info.path,
                    module: info.mainModule.map { NeedsReport.Package($0) },
                    dependencies: info.dependencies.map { NeedsReport.Package($0.replacement ?? $0.module) },
                    settings: info.settings
                )
            )
        case .rust(let commit, let crates):
            let packages = crates?.all.map { NeedsReport.Package(name: $0.name, version: $0.version) }
            self = .rust(commit: commit, crates: packages)
        case .other: return nil
        }
    }
}

extension NeedsReport.Package {
    fileprivate init(_ module: GoBuildInfo.Module) { self.init(name: module.path, version: module.version) }
}
