import Archive
import Check
import Diagnostics
import Images
import Layers
import OCI
import Plan

/// Finds the first cause of a difference.
struct CauseFinder: Sendable {
    let original: MadeImages
    let rebuilt: MadeImages
    let task: Reproducer.Task
    let draft: Reproducer.Draft
    /// That of this coracle.
    let version: String
    let limits: TableLimits
    let lock: LockSuggestion

    func first() async throws(Diagnostic) -> Cause {
        let known = Set(rebuilt.images.map(\.platform))
        let wanted = Set(original.images.map(\.platform))
        guard known == wanted else {
            func list(_ images: MadeImages) -> String {
                images.images.map(\.platform.description).joined(separator: ", ")
            }
            return Cause(
                .platform,
                nil,
                "the inputs are for other platforms",
                because: "the image is for \(list(original)), and what was made again for \(list(rebuilt))",
                hint: "give a program for each platform of the image with `--from`"
            )
        }
        for image in original.images {
            guard let made = rebuilt.image(for: image.platform), made.digest != image.digest else { continue }
            if let cause = try await cause(image, made) { return cause }
        }
        return index()
    }

    /// What the provenance says and is not true of the image; `nil` if nothing is.
    func lie() async throws(Diagnostic) -> Cause? {
        for image in original.images {
            var files: [Digest: LayerFiles] = [:]
            if let cause = try await lies(image, &files) { return cause }
        }
        return nil
    }

    private func cause(_ image: MadeImage, _ made: MadeImage) async throws(Diagnostic) -> Cause? {
        if let cause = base(image, made) { return cause }
        var files = [Digest: LayerFiles]()
        if let cause = try await lies(image, &files) { return cause }
        if let cause = try await layers(image, made, &files) { return cause }
        if let cause = compression(image, made) { return cause }
        return ConfigurationCause(image, made, task: task, draft: draft, version: version).cause
            ?? Cause(
                .changed,
                image.platform,
                "the documents of the image say the same in other bytes",
                because: "\(versions()), or another program has written them",
                hint: "use the coracle that built the image, or take the image from where it was pushed first"
            )
    }

    // MARK: Bases

    private func base(_ image: MadeImage, _ made: MadeImage) -> Cause? {
        let (wanted, has) = (image.base, made.base)
        guard
            wanted.map(\.diffID) != has.map(\.diffID) || wanted.map(\.descriptor.digest) != has.map(\.descriptor.digest)
        else { return nil }
        let name = draft.plan.baseLocation?.description ?? "scratch"
        let place = zip(wanted, has).prefix { $0.diffID == $1.diffID }.count
        var reason: String
        if wanted.indices.contains(place), has.indices.contains(place), wanted[place].step != has[place].step {
            reason = "layer \(place + 1) is `\(wanted[place].step)` in the image, and `\(has[place].step)` now"
        } else if wanted.count != has.count {
            reason = "the image stands on \(Self.layers(wanted.count)), and `\(name)` has \(has.count)"
        } else {
            let (old, new) = (image.annotations[AnnotationKey.baseDigest], made.annotations[AnnotationKey.baseDigest])
            reason = "it was \(old ?? "not named"), and is \(new ?? "none") now"
        }
        if case .catalogue(_)? = draft.plan.baseLocation {
            if let changes = Self.changes(wanted.map(\.step), has.map(\.step)) {
                return Cause(
                    .base,
                    image.platform,
                    "the image stands on `\(name)` of another lock",
                    because: changes,
                    hint: lock.hint
                )
            }
            let isSquashed = wanted.count == 1 && has.count > 1 && wanted[0].step.contains("; coracle: ")
            return Cause(
                .base,
                image.platform,
                "the image stands on another `\(name)`",
                because: reason,
                hint: isSquashed
                    ? "make the base one layer, as it was: `--squash-base`"
                    : lock.hint
            )
        }
        return Cause(
            .base,
            image.platform,
            "the image stands on another base than `\(name)`",
            because: reason,
            hint: "name the base that it was built upon behind two hyphens: `-- --base IMAGE`"
        )
    }

    /// The packages that both have in different versions, as a clause; `nil` if that is not all that differs.
    private static func changes(_ old: [String], _ new: [String]) -> String? {
        func parts(_ step: String) -> (name: Substring, version: Substring) {
            let name = step.prefix { $0 != " " }
            return (name, step.dropFirst(name.utf8.count + 1))
        }
        let pairs = zip(old, new).map { (parts($0), parts($1)) }.filter {
            $0.version != $1.version || $0.name != $1.name
        }
        guard old.count == new.count, !pairs.isEmpty, pairs.allSatisfy({ $0.name == $1.name }) else { return nil }
        let list = pairs.prefix(5).map { "`\($0.name)` \($0.version) in the image and \($1.version) now" }
        let more = pairs.count > list.count ? ", and \(pairs.count - list.count) more" : ""
        return "it has " + list.joined(separator: ", ") + more
    }

    private static func layers(_ count: Int) -> String {
        count == 0 ? "nothing" : count == 1 ? "1 layer" : "\(count) layers"
    }

    // MARK: What the provenance says

    /// Whether the files that it lists are the image's.
    private func lies(_ image: MadeImage, _ files: inout [Digest: LayerFiles]) async throws(Diagnostic) -> Cause? {
        guard let record = task.record else { return nil }
        func lie(_ reason: String) -> Cause {
            Cause(
                .record,
                image.platform,
                "the provenance does not describe this image",
                because: reason,
                hint: "ask who has signed it; leave it out to go by what the image says of itself"
            )
        }
        if let user = record.user, original.images.count == 1, user != image.config.config.user {
            return lie("it says user `\(user)`, and the image has `\(image.config.config.user ?? "none")`")
        }
        if let words = record.entrypoint, original.images.count == 1, words != image.config.config.entrypoint {
            let has = image.config.config.entrypoint ?? []
            return lie(
                "it says the entry point \(MissingOptions.array(words)), and the image has \(MissingOptions.array(has))"
            )
        }
        guard !record.inputs.isEmpty else { return nil }
        for layer in image.own {
            for file in try await contents(layer, of: original, &files).files {
                guard let said = record.inputs[file.path.description], let content = file.content, said != content,
                    // Each of several platforms has a program of its own at the same path.
                    original.images.count == 1
                else { continue }
                return lie("it says that `\(file.path)` was \(said), and the image has \(content)")
            }
        }
        return nil
    }

    // MARK: Layers

    private func contents(
        _ layer: MadeImage.Layer,
        of images: MadeImages,
        _ known: inout [Digest: LayerFiles]
    ) async throws(Diagnostic) -> LayerFiles {
        if let files = known[layer.descriptor.digest] { return files }
        let files = try await LayerFiles(layer.descriptor, of: images.provider, SharedBudget(limits))
        known[layer.descriptor.digest] = files
        return files
    }

    private func layers(
        _ image: MadeImage,
        _ made: MadeImage,
        _ files: inout [Digest: LayerFiles]
    ) async throws(Diagnostic) -> Cause? {
        for (wanted, has) in zip(image.own, made.own) where wanted.diffID != has.diffID {
            guard wanted.step == has.step else { return steps(image, made) }
            let old = try await contents(wanted, of: original, &files)
            let new = try await contents(has, of: rebuilt, &files)
            if old.diffID != wanted.diffID {
                return Cause(
                    .changed,
                    image.platform,
                    "a layer of the image is not what its config says",
                    because:
                        "the tar of \(wanted.descriptor.digest) is \(old.diffID), and the config says \(wanted.diffID)",
                    hint: "another program has changed it since: take the image from where it was pushed first"
                )
            }
            return FileCause(
                step: wanted.step,
                platform: image.platform,
                draft: draft,
                record: task.record,
                versions: versions()
            ).cause(old, new)
        }
        return image.own.count == made.own.count ? nil : steps(image, made)
    }

    /// Layers that only one of them has.
    private func steps(_ image: MadeImage, _ made: MadeImage) -> Cause {
        let (wanted, has) = (image.steps, made.steps)
        let place = zip(wanted, has).prefix { $0 == $1 }.count
        let old = wanted.indices.contains(place) ? "`\(wanted[place])`" : "no layer more"
        let new = has.indices.contains(place) ? "`\(has[place])`" : "none"
        let certificates = "CA certificates"
        let isTrust = old.contains(certificates) && !new.contains(certificates)
        return Cause(
            .option,
            image.platform,
            "the image has other layers",
            because: "behind \(place) that both have comes \(old) in the image, and \(new) now",
            hint: isTrust
                ? "if certificates were added to those of its base, give them behind two hyphens: `-- --ca FILE`"
                : "give the options that the image was built with behind two hyphens, such as `-- --layers auto`"
        )
    }

    // MARK: Compression

    private func compression(_ image: MadeImage, _ made: MadeImage) -> Cause? {
        for (wanted, has) in zip(image.own, made.own) where wanted.descriptor.digest != has.descriptor.digest {
            let (old, new) = (wanted.compression ?? "", has.compression ?? "")
            if old == new {
                return Cause(
                    .compressor,
                    image.platform,
                    "a layer was compressed by another program than it says",
                    because: "both say `\(old)`, and have the same tar in other bytes; \(versions())",
                    hint: "compare with `coracle diff --ignore compression`: what a container sees is the same"
                )
            }
            if MadeImage.engine(old) == MadeImage.engine(new) {
                return Cause(
                    .option,
                    image.platform,
                    "another `--compression-level`",
                    because: "the image has `\(old)`, and what was made again `\(new)`",
                    hint: MadeImage.level(old).map { "give it behind two hyphens: `-- --compression-level \($0)`" }
                        ?? "use the coracle that built the image"
                )
            }
            return Cause(
                .compressor,
                image.platform,
                "another compressor",
                because: "the image has `\(old)`, and this coracle has `\(new)`; \(versions())",
                hint:
                    "use the coracle that built the image; the files are the same: `coracle diff --ignore compression`"
            )
        }
        return nil
    }

    // MARK: Indexes

    private func index() -> Cause {
        guard let wanted = original.index, let has = rebuilt.index else {
            let (old, new) = original.index == nil ? ("an image", "an index") : ("an index", "an image")
            return Cause(
                .changed,
                nil,
                "the name stands for \(old), and what was made again is \(new)",
                because: "the images in it are the same",
                hint: "another program has put it there: compare the image by its own digest"
            )
        }
        let annotations = (wanted.content.annotations, has.content.annotations)
        if annotations.0 != annotations.1 {
            let keys = Set(annotations.0.keys).union(annotations.1.keys).sorted()
            let key = keys.first { annotations.0[$0] != annotations.1[$0] } ?? ""
            return Cause(
                .option,
                nil,
                "the index has another annotation `\(key)`",
                because: ConfigurationCause.values(annotations.0[key], annotations.1[key]),
                hint: "give it behind two hyphens: `-- --annotation KEY=VALUE`"
            )
        }
        return Cause(
            .changed,
            nil,
            "all images are the same, and the index over them is another one",
            because: "another order, or entries that coracle does not write; \(versions())",
            hint: "compare both with `coracle diff`"
        )
    }

    /// A clause about both versions.
    private func versions() -> String {
        guard let recorded = task.record?.coracleVersion else { return "this is coracle \(version)" }
        return "the provenance names coracle \(recorded), and this is \(version)"
    }
}
