import ELF
import Needs
import OCI
import Request

/// Labels that name the source of an image, by what its program and the CI system say.
///
/// image-spec, annotations.md § Pre-Defined Annotation Keys.
enum SourceLabels {
    private static let prefix = "org.opencontainers.image."
    /// Hosts of which the first two parts of a path are a repository.
    private static let forges: Set<Substring> = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"]

    /// None where nothing names a commit.
    ///
    /// - Parameter state: what the environment says; `nil` if the user wants no such labels.
    static func labels(_ state: SourceState?, _ maker: ProgramMaker?, created: CreationTime) -> [String: String] {
        guard let state else { return [:] }
        var labels: [String: String] = [:]
        labels["revision"] = state.revision
        labels["source"] = state.source
        labels["version"] = state.version
        // What the program itself says is about the program.
        if case .go(let info)? = maker, let revision = info.settings["vcs.revision"],
            info.settings["vcs.modified"] != "true"
        {
            labels["revision"] = revision
            if let module = info.mainModule {
                labels["source"] = source(of: module.path) ?? labels["source"]
                if module.version.hasPrefix("v") { labels["version"] = module.version }
            }
        }
        guard labels["revision"] != nil else { return [:] }
        if created.isKnown { labels["created"] = created.time.description }
        return Dictionary(uniqueKeysWithValues: labels.map { (prefix + $0.key, $0.value) })
    }

    private static func source(of module: String) -> String? {
        let parts = module.split(separator: "/")
        guard parts.count >= 3, forges.contains(parts[0]) else { return nil }
        return "https://" + parts.prefix(3).joined(separator: "/")
    }
}
