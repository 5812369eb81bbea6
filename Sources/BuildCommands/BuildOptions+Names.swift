import ByteIO
import Diagnostics
import Images
import OCI
import Terminal

extension BuildOptions {
    /// The image's names besides `--tag`: the default name with ko's `--tags`; and that name alone, if the image is pushed
    /// and has no other.
    ///
    /// - Parameter name: the image's name in an images file; `nil` for the program's name.
    /// - Throws: `usage.no-name`, `usage.malformed`.
    func defaultNames(of name: String?) throws(Diagnostic) -> [String] {
        let programName = name?.lowercased() ?? programName
        // Each use of a group of options copies all of it.
        let output = output
        let tags = output.tags.flatMap { $0.split(separator: ",").map(String.init) }
        guard output.push else {
            // An engine finds an image by its name.
            if tags.isEmpty, output.tag.isEmpty, output.isLoaded { return ["\(programName):latest"] }
            return tags.map { "\(programName):\($0)" }
        }
        if !output.tag.isEmpty, tags.isEmpty { return [] }
        for variable in ["CORACLE_REPO", "KO_DOCKER_REPO"] {
            guard let repository = ProcessEnvironment[variable] else { continue }
            guard !["ko.local", "kind.local"].contains(repository) else {
                throw Diagnostic(
                    .usageMalformed,
                    "`\(repository)` is not a registry",
                    at: .option(variable),
                    because: "it stands for an engine of this machine",
                    hint: repository == "kind.local"
                        ? "use `--load-to kind` instead of `--push`" : "use `--load` instead of `--push`"
                )
            }
            let whole = output.bare ? repository : "\(repository)/\(programName)"
            return tags.isEmpty ? ["\(whole):latest"] : tags.map { "\(whole):\($0)" }
        }
        throw Diagnostic(
            .usageNoName,
            "`--push` needs a destination",
            at: .option("--push"),
            because: output.tag.isEmpty
                ? "the image has no name" : "`--tags` belong to a default repository, and there is none",
            hint: "give `-t ghcr.io/me/server:1.0`, or set CORACLE_REPO to the repository above it"
        )
    }

    /// The name of the first program or directory, in a repository's spelling.
    var programName: String {
        guard let path = paths.first.map({ FilePath($0) }) else { return "app" }
        let name = [".", "..", ""].contains(path.name) ? path.resolved?.name ?? "" : path.name
        return name.isEmpty ? "app" : name.lowercased()
    }
}

extension Diagnostic.Code {
    static let usageNoName = Self("usage.no-name", .usage)
}
