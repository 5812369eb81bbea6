import ByteIO
import Diagnostics
import Images
import OCI

extension BuildOptions {
    /// What the image is called besides `--tag`: ko's `--tags`, of the default name; and that name, if it is pushed and
    /// has no other.
    ///
    /// - Parameter name: what an images file calls it; nil for the program's name.
    /// - Throws: `usage.no-name`, `usage.malformed`.
    func defaultNames(of name: String?) throws(Diagnostic) -> [String] {
        let programName = name?.lowercased() ?? programName
        let tags = tags.flatMap { $0.split(separator: ",").map(String.init) }
        guard push else { return tags.map { "\(programName):\($0)" } }
        if !tag.isEmpty, tags.isEmpty { return [] }
        for variable in ["CORACLE_REPO", "KO_DOCKER_REPO"] {
            guard let repository = ProcessEnvironment[variable] else { continue }
            guard !["ko.local", "kind.local"].contains(repository) else {
                throw Diagnostic(
                    .usageMalformed,
                    "`\(repository)` is no registry",
                    at: .option(variable),
                    because: "it stands for a Docker daemon, which coracle does without",
                    hint: "build with `--tarball FILE` and `docker load -i FILE`"
                )
            }
            let whole = bare ? repository : "\(repository)/\(programName)"
            return tags.isEmpty ? ["\(whole):latest"] : tags.map { "\(whole):\($0)" }
        }
        throw Diagnostic(
            .usageNoName,
            "`--push` is not told where to push",
            at: .option("--push"),
            because: tag.isEmpty
                ? "the image has no name" : "`--tags` go to a default repository, and there is none",
            hint: "give `-t ghcr.io/me/server:1.0`, or set CORACLE_REPO to the repository above it"
        )
    }

    /// Of the first program or directory, as a repository may be called.
    private var programName: String {
        guard let path = paths.first.map({ FilePath($0) }) else { return "app" }
        let name = [".", "..", ""].contains(path.name) ? path.resolved?.name ?? "" : path.name
        return name.isEmpty ? "app" : name.lowercased()
    }

    /// Nil for `scratch`.
    func parsedBase(_ access: ImageAccess) throws(Diagnostic) -> ImageLocation? {
        guard let base, base != "scratch" else {
            try access.refuseSquashing(of: "scratch")
            return nil
        }
        return try access.location(ofBase: base)
    }
}

extension Diagnostic.Code {
    static let usageNoName = Self("usage.no-name", .usage)
}
