import Diagnostics
import Layers
import OCI
import Rootfs
import Stack

extension Planner {
    /// As many layers as overlay file systems take.
    package static let mostLayers = 127

    /// What is worth knowing of a base that was taken.
    mutating func noteOddities(of base: Base) {
        if base.config.config.hasTriggers {
            note(.planBaseTriggers, "the base's `ONBUILD` steps are not run", because: "`\(base.name)` has some")
        }
    }

    /// What was decided differently than the base says.
    mutating func noteDecisions(_ config: ImageConfig, on base: Base, layerCount: Int) {
        let said = base.config.config.user ?? ""
        if request.configuration.user == nil, said != config.config.user {
            note(
                .planUser,
                "the image runs as user \(config.config.user ?? "")",
                because: said.isEmpty
                    ? "the base names no user" : "the base's user `\(said)` is root, or not a number",
                hint: "choose another with `--user`"
            )
        }
        if base.platform.variant != nil, !base.platform.matches(config.platform) {
            note(.planOlderBase, "the image for \(config.platform) builds on a base for \(base.platform)")
        }
        let layers = base.layers.count + layerCount
        if layers > Self.mostLayers {
            note(
                .planManyLayers,
                "the image has \(layers) layers",
                because: "container engines often take \(Self.mostLayers) at most"
            )
        }
    }

    private mutating func note(
        _ code: Diagnostic.Code,
        _ summary: String,
        because reason: String? = nil,
        hint: String? = nil
    ) {
        guard !notes.contains(where: { $0.summary == summary }) else { return }
        notes.append(Diagnostic(code, summary, because: reason, hint: hint))
    }
}

extension LayerStack {
    /// The names of users and groups that the base has; those of coracle's own files where it has none.
    var baseAccounts: ImageAccounts {
        func file(_ path: String) -> AccountFile? {
            guard let entry = find(path), let bytes = base?.content(of: entry.path) else { return nil }
            return AccountFile(bytes)
        }
        return ImageAccounts(passwd: file("/etc/passwd"), group: file("/etc/group"))
    }
}

extension ImageConfig.Execution {
    /// The image's PATH.
    package var path: String {
        let variable = env.first { $0.hasPrefix("PATH=") }
        return variable.map { String($0.dropFirst("PATH=".count)) } ?? ConfigurationPlan.defaultPath
    }
}

extension Diagnostic.Code {
    static let planBaseTriggers = Self("plan.base-triggers", .input)
    static let planUser = Self("plan.user", .input)
    static let planOlderBase = Self("plan.older-base", .input)
    static let planManyLayers = Self("plan.many-layers", .input)
}
