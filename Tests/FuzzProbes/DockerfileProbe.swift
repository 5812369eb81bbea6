import Dockerfiles
import Migration
import YAML

/// Dockerfiles, `.ko.yaml` and `Procfile` of users: whatever is in them, what is written for them is YAML.
enum DockerfileProbe {
    static func read(_ bytes: [UInt8]) {
        let files = ProjectFiles(
            kind: { $0.utf8.count % 3 == 0 ? .directory : $0.utf8.count % 3 == 1 ? .file(isExecutable: true) : nil },
            bytes: { _ in bytes }
        )
        if let stages = try? DockerfileStages(parsing: bytes, named: "probe") {
            check(DockerfileTranslation.draft(of: stages, named: "probe", project: "probe", files))
        }
        let project = ProjectTranslation(files, project: "probe")
        for name in [".ko.yaml", "Procfile", "package.json"] {
            if let draft = try? project.draft(from: name) { check(draft) }
        }
    }

    private static func check(_ draft: ProjectDraft) {
        let document = try? YAMLDocument(parsing: Array(draft.text.utf8), named: "probe", limit: 64 << 20)
        require(document != nil, "what is written is not YAML")
    }
}
