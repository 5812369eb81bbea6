import Build
package import Diagnostics
package import OCI
package import Signing

/// What a provenance statement of `build` says of how an image was made. It proves nothing: the image that is made again does.
package struct BuildRecord: Sendable {
    /// The files that went in, by their paths in the image; what is not such a file is left out.
    package let inputs: [String: Digest]
    /// `nil` if it does not say.
    package let coracleVersion: String?
    /// What the user typed; `nil` if the statement was written before options were recorded.
    package let options: [RecordedOption]?
    /// How layers were compressed.
    package let compressions: [String]
    /// What it says of the image itself; each `nil` if it does not say.
    package let platforms: [String]?
    package let entrypoint: [String]?
    package let user: String?
    /// As the base was named.
    package let base: String?

    private static let mostOptions = 10_000

    /// - Parameters:
    ///   - known: the digests of the image, that of its name first.
    ///   - names: the options that it may name: a made statement may have any, and `--push` is not for it to say.
    ///   - name: what messages call the statement.
    /// - Throws: `reproduce.other-image` for a statement about none of `known`; `reproduce.no-provenance`; `json.…` for what is
    ///   not written as `build` does.
    package init(
        _ statement: Statement,
        about known: [Digest],
        allowing names: Set<String>,
        named name: String
    ) throws(Diagnostic) {
        guard statement.subjects.contains(where: known.contains) else {
            throw Diagnostic(
                .reproduceOtherImage,
                "`\(name)` is about another image",
                at: .file(path: name),
                because:
                    "it names \(statement.subjects.first?.description ?? "no digest"), and the image is \(known.first?.description ?? "none")",
                hint: "give the provenance of this image, or none"
            )
        }
        guard statement.predicateType == .provenance else {
            throw Diagnostic(
                .reproduceNoProvenance,
                "`\(name)` is not provenance",
                at: .file(path: name),
                because: "its type is `\(statement.predicateType.rawValue.excerpt)`",
                hint: "give what `coracle build --provenance-output FILE` writes"
            )
        }
        let predicate = JSONReader(statement.predicate, named: name)
        let definition = try predicate.member("buildDefinition")
        let type = try definition.member("buildType").string()
        guard type == BuildProvenance.type else {
            let isRebase = type == BuildProvenance.rebaseType
            throw Diagnostic(
                .reproduceNoProvenance,
                isRebase ? "`\(name)` is the provenance of a rebase" : "`\(name)` is the provenance of another builder",
                at: .file(path: name),
                because: "its build type is `\(type.excerpt)`",
                hint: "leave it out: what the image says of itself is enough for most images"
            )
        }
        let parameters = try definition.member("externalParameters")
        options = try parameters.optional("options").map { list throws(Diagnostic) in
            let list = try list.array()
            guard list.count <= Self.mostOptions else { throw parameters.malformed("it has too many options") }
            var options = [RecordedOption]()
            for option in list {
                let name = try option.member("name")
                guard names.contains(try name.string()) else {
                    throw name.malformed("`\(try name.string().excerpt)` is not an option that provenance has")
                }
                options.append(
                    RecordedOption(
                        try name.string(),
                        try option.optional("value")?.string(),
                        .record
                    )
                )
            }
            return options
        }
        platforms = try parameters.optional("platforms")?.strings()
        entrypoint = try parameters.optional("entrypoint")?.strings()
        user = try parameters.optional("user")?.string()
        base = try parameters.optional("base")?.string()
        compressions = try definition.optional("internalParameters")?.optional("compression")?.strings() ?? []
        coracleVersion = try predicate.optional("runDetails")?.optional("builder")?.optional("version")?
            .optional("coracle")?.string()
        var inputs: [String: Digest] = [:]
        for dependency in try definition.optional("resolvedDependencies")?.array() ?? [] {
            guard let path = try dependency.optional("name")?.string(), path.hasPrefix("/"),
                let hex = try dependency.optional("digest")?.optional("sha256")?.string()
            else { continue }
            inputs[path] = try Digest(parsing: "sha256:\(hex)")
        }
        self.inputs = inputs
    }
}

extension Diagnostic.Code {
    static let reproduceOtherImage = Self("reproduce.other-image", .input)
    static let reproduceNoProvenance = Self("reproduce.no-provenance", .input)
}
