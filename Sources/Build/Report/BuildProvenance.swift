import Bases
package import Diagnostics
package import Images
import Inventory
import Layers
package import OCI
import Plan
import Rootfs
package import Stack
import Store

/// What an image was put together from, as SLSA's provenance, version 1.
///
/// Two builds of the same inputs give the same bytes: there are no times, no paths of the machine, and no values of the
/// environment, which may be secret.
package struct BuildProvenance: Sendable {
    /// Where the build ran.
    package struct Builder: Sendable {
        /// A URI.
        package var id: String
        /// The version of coracle.
        package var version: String

        /// What the environment says of the machine; it proves nothing: the key stands for it.
        package init(in environment: [String: String], version: String) {
            self.version = version
            id = "https://coracle.dev/builder/unknown"
            if environment["GITHUB_ACTIONS"] == "true" {
                let isHosted = environment["RUNNER_ENVIRONMENT"] == "github-hosted"
                id = "https://github.com/actions/runner/\(isHosted ? "github-hosted" : "self-hosted")"
            } else if environment["GITLAB_CI"] == "true", let project = environment["CI_PROJECT_URL"],
                let runner = environment["CI_RUNNER_ID"]
            {
                id = "\(project)/-/runners/\(runner)"
            }
        }
    }

    /// The type of what `rebase` states: no files of the machine make such an image.
    package static let rebaseType = "https://coracle.dev/provenance/rebase/v1"
    package static let type = "https://coracle.dev/provenance/build/v1"
    /// An application with more files is listed by its layers.
    private static let mostFiles = 1000

    /// Digest of the manifest or index.
    package let subject: Digest
    /// The member `predicate` of the statement.
    package let predicate: JSON

    /// Reads the files of the application again.
    ///
    /// - Parameter options: what the user typed, as far as it decides the image and is not a path of the machine.
    /// - Throws: `layer.file-changed`; what finding the base's packages throws.
    package init(
        of report: BuildReport,
        by builder: Builder,
        options: JSON? = nil,
        _ access: ImageAccess
    ) throws(Diagnostic) {
        subject = report.images.set.top.digest
        var dependencies = [JSON]()
        for base in report.plan.images.compactMap(\.base) {
            let found = try Self.materials(of: base, at: report.plan.baseLocation, access)
            dependencies += found.filter { !dependencies.contains($0) }
        }
        for image in report.plan.sourceImages {
            let platforms = report.plan.images.map(\.platform)
            let found = Self.image(image.top, at: image.location, for: platforms.count == 1 ? platforms[0] : nil)
            if !dependencies.contains(found) { dependencies.append(found) }
        }
        for (index, layer) in report.plan.layers.enumerated() {
            dependencies += try Self.inputs(layer.blueprint, Self.diffID(of: index, in: report))
        }
        dependencies += Self.source(report.plan)
        let compressions = Set(report.plan.layers.map(\.compression.description)).sorted()
        predicate = Self.predicate(
            Self.type,
            Self.parameters(report.plan, options),
            ["compression": .strings(compressions)],
            dependencies,
            by: builder
        )
    }

    /// A predicate of SLSA's provenance.
    package static func predicate(
        _ type: String,
        _ parameters: JSON,
        _ internalParameters: JSON,
        _ dependencies: [JSON],
        by builder: Builder
    ) -> JSON {
        [
            "buildDefinition": [
                "buildType": .string(type), "externalParameters": parameters, "internalParameters": internalParameters,
                "resolvedDependencies": .array(dependencies),
            ],
            "runDetails": [
                "builder": ["id": .string(builder.id), "version": ["coracle": .string(builder.version)]]
            ],
        ]
    }

    /// What the user asked for, as far as it is not a path of the machine.
    private static func parameters(_ plan: BuildPlan, _ options: JSON?) -> JSON {
        var parameters = JSONObject()
        parameters["options"] = options
        parameters["platforms"] = .strings(plan.images.map(\.platform.description))
        parameters["base"] = plan.baseLocation.map { .string(name(of: $0)) }
        guard let config = plan.images.first?.config.config else { return .object(parameters) }
        parameters["entrypoint"] = config.entrypoint.map { .strings($0) }
        parameters["command"] = config.cmd.map { .strings($0) }
        parameters["user"] = config.user.map { .string($0) }
        var labels = JSONObject()
        for key in config.labels.keys.sorted() { labels[key] = config.labels[key].map { .string($0) } }
        parameters["labels"] = labels.isEmpty ? nil : .object(labels)
        return .object(parameters)
    }

    // MARK: Inputs

    /// As others may know it.
    package static func name(of location: ImageLocation) -> String {
        switch location {
        case .registry(let reference): reference.normalized
        case .catalogue(let name): name
        // Its path says nothing to others; its digest is among the dependencies.
        case .layout, .archive, .dockerArchive: "a file"
        }
    }

    /// A base, and the packages that it is made of.
    ///
    /// - Throws: what finding the packages throws.
    package static func materials(
        of base: Base,
        at location: ImageLocation?,
        _ access: ImageAccess
    ) throws(Diagnostic) -> [JSON] {
        var found = [image(base.manifest.digest, at: location, for: base.platform)]
        guard case .catalogue(let text)? = location else { return found }
        for package in try packages(of: text, for: base.platform, access) {
            let isApk = package.path.hasSuffix(".apk")
            let url = PackageURL(
                isApk ? "apk" : "deb",
                namespace: isApk ? String(text.prefix { $0 != "-" && $0 != "/" }) : "debian",
                name: package.name,
                version: package.version,
                qualifiers: ["arch": package.architecture]
            )
            found.append(dependency(url.description, package.digest))
        }
        return found
    }

    /// The image with this digest, which is at `location`.
    package static func image(_ digest: Digest, at location: ImageLocation?, for platform: Platform?) -> JSON {
        var name: String?
        var place: String?
        if case .registry(let reference)? = location {
            name = reference.repository.split(separator: "/").last.map(String.init)
            place = reference.repositoryName.description
        } else if case .catalogue(let text)? = location {
            name = text.split(separator: "/").last.map(String.init)
        }
        let url = PackageURL(
            "oci",
            name: name ?? "base",
            version: digest.description,
            qualifiers: ["arch": platform?.architecture, "repository_url": place]
        )
        return dependency(url.description, digest)
    }

    private static func packages(
        of name: String,
        for platform: Platform,
        _ access: ImageAccess
    ) throws(Diagnostic) -> [BaseLock.Package] {
        guard let architecture = platform.debianArchitecture, let entry = try access.catalogue().find(name) else {
            return []
        }
        return try entry.section.lock?.packages(of: entry.definition, entry.variant, for: architecture) ?? []
    }

    /// The files of a layer that come from the machine or are data of coracle's own, by their paths in the image; the layer
    /// itself if they are many.
    private static func inputs(_ blueprint: LayerBlueprint, _ diffID: Digest?) throws(Diagnostic) -> [JSON] {
        let files = blueprint.entries.filter { entry in
            if case .file = entry.content { return true }
            return EmbeddedData.paths.contains(entry.path)
        }
        if files.count > mostFiles, let diffID {
            return [["name": .string("layer of \(files.count) files"), "digest": digest(diffID)]]
        }
        var found = [JSON]()
        for entry in files {
            guard let content = try entry.contentDigest() else { continue }
            found.append(["name": .string("\(entry.path)"), "digest": digest(content)])
        }
        return found
    }

    private static func diffID(of layer: Int, in report: BuildReport) -> Digest? {
        for (planned, image) in zip(report.plan.images, report.images.images) {
            guard let place = planned.layers.firstIndex(of: layer), image.layers.indices.contains(place) else {
                continue
            }
            return image.layers[place].diffID.digest
        }
        return nil
    }

    /// The commit that the labels name: what the program or the environment claims.
    private static func source(_ plan: BuildPlan) -> [JSON] {
        guard let labels = plan.images.first?.config.config.labels,
            let revision = labels["org.opencontainers.image.revision"], [40, 64].contains(revision.utf8.count),
            revision.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return [] }
        var commit = JSONObject()
        commit["name"] = "source"
        // A program knows its commit, and not where that is.
        commit["uri"] = labels["org.opencontainers.image.source"].map { .string("git+\($0)") }
        commit["digest"] = ["gitCommit": .string(revision)]
        commit["annotations"] = ["claimed": "by the labels of the image"]
        return [.object(commit)]
    }

    private static func dependency(_ uri: String, _ content: Digest) -> JSON {
        ["uri": .string(uri), "digest": digest(content)]
    }

    private static func digest(_ content: Digest) -> JSON {
        var object = JSONObject()
        object[content.algorithm.rawValue] = .string(content.hex)
        return .object(object)
    }
}
