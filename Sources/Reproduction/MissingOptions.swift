import Diagnostics
import OCI
package import Plan
import Request

/// The options about how an image is run.
package enum MissingOptions {
    /// Those that `plan` lacks to say what `original` says.
    ///
    /// - Parameter onlyEnvironment: leave all others as they are.
    package static func needed(
        _ original: MadeImages,
        _ plan: BuildPlan,
        onlyEnvironment: Bool
    ) -> [RecordedOption] {
        var options = [RecordedOption]()
        for image in original.images {
            guard let planned = plan.images.first(where: { $0.platform == image.platform }) else { continue }
            for option in needed(image, planned, onlyEnvironment: onlyEnvironment) where !options.contains(option) {
                options.append(option)
            }
        }
        guard !onlyEnvironment, let index = original.index else { return options }
        for (key, value) in index.content.annotations.sorted(by: { $0.key < $1.key })
        where plan.annotations[key] != value {
            let option = RecordedOption("annotation", "\(key)=\(value)")
            if !options.contains(option) { options.append(option) }
        }
        return options
    }

    private static func needed(
        _ image: MadeImage,
        _ planned: BuildPlan.Image,
        onlyEnvironment: Bool
    ) -> [RecordedOption] {
        let (wanted, has) = (image.config.config, planned.config.config)
        var options = [RecordedOption]()
        func add(_ name: String, _ value: String?) {
            guard let value else { return }
            options.append(RecordedOption(name, value))
        }
        for variable in wanted.env where !has.env.contains(variable) { add("env", variable) }
        if onlyEnvironment { return options }
        if wanted.entrypoint != has.entrypoint { add("entrypoint", wanted.entrypoint.map(array)) }
        if wanted.cmd != has.cmd { add("cmd", wanted.cmd.map(array)) }
        if wanted.user != has.user || MadeSteps(image.steps).user != nil { add("user", wanted.user) }
        if wanted.workingDir != has.workingDir { add("workdir", wanted.workingDir) }
        if wanted.stopSignal != has.stopSignal { add("stop-signal", wanted.stopSignal) }
        if wanted.healthcheck != has.healthcheck {
            add("healthcheck", wanted.healthcheck.flatMap { Healthcheck($0) }?.text)
        }
        for port in wanted.exposedPorts where !has.exposedPorts.contains(port) { add("expose", port) }
        for volume in wanted.volumes where !has.volumes.contains(volume) { add("volume", volume) }
        for (key, value) in wanted.labels.sorted(by: { $0.key < $1.key }) where has.labels[key] != value {
            add("label", "\(key)=\(value)")
        }
        // Labels of the program that the image has not.
        let ofSource = ["revision", "source", "version", "created"].map { "org.opencontainers.image.\($0)" }
        if ofSource.contains(where: { has.labels[$0] != nil && wanted.labels[$0] == nil }) {
            options.append(RecordedOption("no-vcs-labels"))
        }
        if image.config.created != planned.config.created { add("created", image.config.created) }
        let own = [AnnotationKey.baseDigest, AnnotationKey.gateExcused, AnnotationKey.gateSkipped]
        for (key, value) in image.annotations.sorted(by: { $0.key < $1.key })
        where planned.annotations[key] != value && !own.contains(key) {
            add("annotation", "\(key)=\(value)")
        }
        return options
    }

    /// Words as one JSON array, as options take them.
    package static func array(_ words: [String]) -> String {
        String(decoding: JSON.strings(words).encoded(), as: UTF8.self)
    }
}
