import ELF
import Layers
import Needs
package import OCI

extension ApplicationNeeds {
    /// For a person: who made the program that is started.
    package var line: String? {
        switch maker {
        case .go(let info):
            var words = [info.version]
            if let module = info.mainModule { words.append("\(module.path) \(module.version)") }
            if let commit = info.settings["vcs.revision"] {
                let isModified = info.settings["vcs.modified"] == "true"
                words.append("commit \(commit.prefix(12))\(isModified ? ", modified" : "")")
            }
            let count = info.dependencies.count
            if count > 0 { words.append(count == 1 ? "1 module" : "\(count) modules") }
            if let tags = info.settings["-tags"] { words.append("tags \(tags)") }
            if info.settings["CGO_ENABLED"] == "1" { words.append("cgo") }
            return words.joined(separator: ", ")
        // Who made the compiler is nothing to tell.
        case .rust(let commit, let crates?): return "rustc \(commit.prefix(12)), \(crates.all.count) crates"
        case .rust, .other, nil: return nil
        }
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        for need in Need.allCases {
            var entry = JSONObject()
            entry["answer"] = .string(self[need].answer.word)
            entry["why"] = .string(self[need].answer.reason)
            entry["program"] = self[need].program.map { .string($0.description) }
            json[need.rawValue] = .object(entry)
        }
        return .object(json)
    }

    /// For a program: what Go's linker noted, or which compiler of Rust it was. Nil for others.
    package var makerJSON: JSON? {
        var json = JSONObject()
        switch maker {
        case .go(let info):
            json["go"] = .string(info.version)
            json["path"] = info.path.map { .string($0) }
            json["module"] = info.mainModule.map { ["path": .string($0.path), "version": .string($0.version)] }
            json["dependencies"] = .array(
                info.dependencies.map { dependency in
                    let module = dependency.replacement ?? dependency.module
                    return ["path": .string(module.path), "version": .string(module.version)]
                }
            )
            var settings = JSONObject()
            for key in info.settings.keys.sorted() { settings[key] = info.settings[key].map { .string($0) } }
            json["settings"] = .object(settings)
        case .rust(let commit, let crates):
            json["rustc"] = .string(commit)
            json["crates"] = crates.map { crates in
                .array(crates.all.map { ["name": .string($0.name), "version": .string($0.version)] })
            }
        case .other, nil: return nil
        }
        return .object(json)
    }
}
