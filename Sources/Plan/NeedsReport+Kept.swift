package import Diagnostics
import Needs
package import OCI

extension NeedsReport {
    /// Reads what `json` and `makerJSON` have written.
    ///
    /// - Throws: `json.unexpected` and the like.
    package init(_ needs: JSONReader, maker: JSONReader?) throws(Diagnostic) {
        answers = try Need.allCases.map { need throws(Diagnostic) in
            let answer = try needs.member(need.rawValue)
            return Answer(
                need: need,
                word: try answer.member("answer").string(),
                reason: try answer.member("why").string(),
                program: try answer.optional("program")?.string()
            )
        }
        self.maker = try maker.map { maker throws(Diagnostic) in try Maker(maker) }
    }
}

extension NeedsReport.Maker {
    fileprivate init(_ json: JSONReader) throws(Diagnostic) {
        guard let version = try json.optional("go")?.string() else {
            let crates = try json.optional("crates").map { crates throws(Diagnostic) in
                try crates.array().map { crate throws(Diagnostic) in try NeedsReport.Package(crate, name: "name") }
            }
            self = .rust(commit: try json.member("rustc").string(), crates: crates)
            return
        }
        self = .go(
            NeedsReport.GoProgram(
                version: version,
                path: try json.optional("path")?.string(),
                module: try json.optional("module").map { module throws(Diagnostic) in
                    try NeedsReport.Package(module, name: "path")
                },
                dependencies: try json.member("dependencies").array().map { module throws(Diagnostic) in
                    try NeedsReport.Package(module, name: "path")
                },
                settings: try json.member("settings").stringMap()
            )
        )
    }
}

extension NeedsReport.Package {
    fileprivate init(_ json: JSONReader, name key: String) throws(Diagnostic) {
        name = try json.member(key).string()
        version = try json.member("version").string()
    }
}
