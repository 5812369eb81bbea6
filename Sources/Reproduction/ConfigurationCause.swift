import Diagnostics
import OCI

/// What differs first in the documents of two images with the same layers.
struct ConfigurationCause {
    private let image: MadeImage
    private let made: MadeImage
    private let task: Reproducer.Task
    private let draft: Reproducer.Draft
    private let version: String

    init(_ image: MadeImage, _ made: MadeImage, task: Reproducer.Task, draft: Reproducer.Draft, version: String) {
        self.image = image
        self.made = made
        self.task = task
        self.draft = draft
        self.version = version
    }

    /// `nil` if all that is modelled is the same.
    var cause: Cause? { execution ?? times ?? history ?? annotations }

    /// A clause about both values.
    static func values(_ old: String?, _ new: String?) -> String {
        "it is \(old.map { "`\($0)`" } ?? "absent") in the image, and \(new.map { "`\($0)`" } ?? "absent") now"
    }

    private func option(_ name: String, _ summary: String, _ old: String?, _ new: String?) -> Cause {
        let said = (task.given + draft.options).first { $0.name == name }
        let hint: String
        switch said?.source {
        case .user?: hint = "leave out `\(said?.display ?? "")`, or give what the image has"
        case .record?:
            return Cause(
                .record,
                image.platform,
                "the provenance says `\(said?.display ?? "")`, and the image is another one: \(summary)",
                because: Self.values(old, new),
                hint: "ask who has signed it; leave it out to go by what the image says of itself"
            )
        case .image?, nil: hint = "give it behind two hyphens: `-- --\(name) VALUE`"
        }
        return Cause(.option, image.platform, summary, because: Self.values(old, new), hint: hint)
    }

    private var execution: Cause? {
        let (old, new) = (image.config.config, made.config.config)
        func words(_ words: [String]?) -> String? { words.map(MissingOptions.array) }
        if old.entrypoint != new.entrypoint {
            return option("entrypoint", "another entry point", words(old.entrypoint), words(new.entrypoint))
        }
        if old.cmd != new.cmd { return option("cmd", "other arguments", words(old.cmd), words(new.cmd)) }
        if old.env != new.env {
            let name = Self.firstName(old.env, new.env)
            return option("env", "another variable `\(name)`", Self.value(name, old.env), Self.value(name, new.env))
        }
        if old.user != new.user { return option("user", "another user", old.user, new.user) }
        if old.workingDir != new.workingDir {
            return option("workdir", "another working directory", old.workingDir, new.workingDir)
        }
        if old.labels != new.labels {
            let keys = Set(old.labels.keys).union(new.labels.keys).sorted()
            let key = keys.first { old.labels[$0] != new.labels[$0] } ?? ""
            return option("label", "another label `\(key)`", old.labels[key], new.labels[key])
        }
        if old.exposedPorts != new.exposedPorts {
            return option("expose", "other ports", words(old.exposedPorts), words(new.exposedPorts))
        }
        if old.volumes != new.volumes {
            return option("volume", "other volumes", words(old.volumes), words(new.volumes))
        }
        if old.stopSignal != new.stopSignal {
            return option("stop-signal", "another stop signal", old.stopSignal, new.stopSignal)
        }
        return nil
    }

    private static func name(_ variable: String) -> String { String(variable.prefix { $0 != "=" }) }

    private static func value(_ name: String, _ env: [String]) -> String? {
        env.first { Self.name($0) == name }.map { String($0.dropFirst(name.count + 1)) }
    }

    private static func firstName(_ old: [String], _ new: [String]) -> String {
        let different = old.first { !new.contains($0) } ?? new.first { !old.contains($0) }
        return different.map(name) ?? zip(old, new).first { $0 != $1 }.map { name($0.0) } ?? ""
    }

    private var times: Cause? {
        guard image.config.created != made.config.created else { return nil }
        return Cause(
            .time,
            image.platform,
            "the image was made at another time",
            because: Self.values(image.config.created, made.config.created),
            hint: image.config.created.map { "give it behind two hyphens: `-- --created \($0)`" }
                ?? "the image says no time, and coracle writes one: another program has changed it"
        )
    }

    private var history: Cause? {
        guard image.config.history != made.config.history else { return nil }
        let pairs = Array(zip(image.config.history, made.config.history))
        guard let (old, new) = pairs.first(where: { $0 != $1 }) else {
            return Cause(
                .changed,
                image.platform,
                "the history has \(image.config.history.count) steps in the image, and \(made.config.history.count) now",
                hint: "another program has changed it since: take the image from where it was pushed first"
            )
        }
        let isComment = old.comment != new.comment
        return Cause(
            isComment ? .compressor : .changed,
            image.platform,
            isComment ? "another compressor" : "the history of the image is another one",
            because: isComment
                ? Self.values(old.comment, new.comment) : Self.values(old.createdBy, new.createdBy),
            hint: "use the coracle that built the image (this is \(version))"
        )
    }

    private var annotations: Cause? {
        let (old, new) = (image.annotations, made.annotations)
        guard old != new else { return nil }
        let keys = Set(old.keys).union(new.keys).sorted()
        let key = keys.first { old[$0] != new[$0] } ?? ""
        if key == AnnotationKey.baseDigest || key == AnnotationKey.baseName {
            return Cause(
                .base,
                image.platform,
                "the image names another base",
                because: Self.values(old[key], new[key]),
                hint: "name the base that it was built upon behind two hyphens: `-- --base IMAGE`"
            )
        }
        if key == AnnotationKey.gateExcused || key == AnnotationKey.gateSkipped {
            return Cause(
                .option,
                image.platform,
                "other findings were allowed",
                because: Self.values(old[key], new[key]),
                hint:
                    "give the same behind two hyphens, `-- --allow CODE` or `-- --no-check`, or use the coracle that built the image"
            )
        }
        return option("annotation", "another annotation `\(key)`", old[key], new[key])
    }
}
