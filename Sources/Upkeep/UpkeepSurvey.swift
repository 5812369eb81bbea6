import BaseLocking
import Bases
package import ByteIO
import Checkup
package import Diagnostics
package import Images
import Inventory
import Lifetimes
package import OCI
package import Pins
import Stack
import Store

/// Looks at images and at the names in files: what has moved, what is old, which packages have newer versions.
package struct UpkeepSurvey: Sendable {
    package struct Settings: Sendable {
        /// Whether no layer is read and no mirror asked: names and ages alone.
        package var isQuick = false
        /// Empty for all of an image's, and one of a base's.
        package var platforms: [Platform] = []
        /// Bases of images that do not say on which they stand.
        package var candidates: [ImageLocation] = []
        /// Files of keys that may sign indexes of packages; none for those of the systems.
        package var keyrings: [FilePath] = []

        package init() {}
    }

    /// A row, and what it needs to have its packages compared.
    private struct Draft {
        var row: UpkeepRow
        var system: IndexedRelease?
        /// Debian's name.
        var architecture: String?
        /// The versions by package.
        var packages: [(name: String, version: String)] = []
    }

    private struct IndexKey: Hashable {
        let system: IndexedRelease
        let architecture: String
    }

    private static let parallelRequests = 4

    private let access: ImageAccess
    private let settings: Settings
    private let now: Timestamp

    /// - Parameter now: what ages are counted from, and the indexes' dates compared with.
    package init(_ access: ImageAccess, _ settings: Settings, at now: Timestamp) {
        (self.access, self.settings, self.now) = (access, settings, now)
    }

    /// Looks at everything, in this order: images, files, and the bases that the project locks.
    ///
    /// - Throws: what keeps an image that was named itself from being read. What cannot be known of a base becomes a part of its row.
    package func report(
        on images: [(name: String, location: ImageLocation)],
        and files: [PinnedFile],
        locked: (path: FilePath, names: [String])? = nil
    ) async throws(Diagnostic) -> UpkeepReport {
        var drafts = [Draft]()
        for image in images { drafts += try await self.drafts(of: image.name, at: image.location) }
        for file in files {
            let pins = file.pins
            drafts += try await concurrently(pins, atMost: Self.parallelRequests) { pin async throws(Diagnostic) in
                await self.draft(of: pin, in: file)
            }
        }
        for name in locked?.names ?? [] {
            var draft = Draft(row: UpkeepRow(locked?.path.display ?? ""))
            (draft.row.line, draft.row.place, draft.row.base) = (1, "lock", name)
            do throws(Diagnostic) {
                try look(at: try access.catalogue().bases.entry(named: name), &draft)
            } catch {
                draft.row.unknowns.append(error.sentence)
            }
            drafts.append(draft)
        }
        if !settings.isQuick { await comparePackages(of: &drafts) }
        return UpkeepReport(drafts.map(\.row), at: now)
    }

    // MARK: Images

    private func drafts(of name: String, at location: ImageLocation) async throws(Diagnostic) -> [Draft] {
        let provider = try access.provider(for: location, on: settings.platforms.isEmpty ? nil : settings.platforms)
        var images = try await PlatformImage.all(of: provider)
        if !settings.platforms.isEmpty {
            images = images.filter { image in settings.platforms.contains { image.platform.matches($0) } }
        }
        guard !images.isEmpty else {
            throw Diagnostic(
                .upkeepNoImage,
                "`\(name)` has no image to look at",
                at: .image(name),
                because: settings.platforms.isEmpty
                    ? "it holds no image" : "it has none for the platforms that are asked for",
                hint: "`coracle inspect` shows what it holds"
            )
        }
        var drafts = [Draft]()
        for image in images { drafts.append(await self.draft(of: image, called: name, at: location)) }
        return drafts
    }

    private func draft(of image: PlatformImage, called name: String, at location: ImageLocation) async -> Draft {
        var draft = Draft(row: UpkeepRow(name))
        draft.row.platform = image.platform
        draft.row.created = image.config.content.created.flatMap { try? Timestamp(parsing: $0) }
        if let difference = Self.disagreement(image) { draft.row.unknowns.append(difference) }
        if case .catalogue = location {
            draft.row.base = "\(location)"
        } else {
            await findBase(of: image, &draft.row)
        }
        if !settings.isQuick {
            await takeInventory(of: location, for: image.platform, &draft)
        }
        return draft
    }

    /// A manifest and a config that do not belong together, in words.
    private static func disagreement(_ image: PlatformImage) -> String? {
        let (layers, diffIDs) = (image.manifest.content.layers.count, image.config.content.diffIDs.count)
        if layers != diffIDs {
            return "the config has \(diffIDs) diffIDs and the manifest \(layers) layers: the image is damaged"
        }
        return nil
    }

    private func findBase(of image: PlatformImage, _ row: inout UpkeepRow) async {
        let search = BaseSearch(access, candidates: settings.candidates)
        guard let origin = await search.origin(of: image) else {
            row.unknowns.append(
                "the image does not say on which base it stands, by annotation or label: name it with `--base`"
            )
            return
        }
        row.evidence = origin.words
        if origin.name == nil, origin.layerCount == 0 {
            row.remarks.append("the image stands on no base")
            return
        }
        row.base = origin.name ?? origin.digest.map { "\($0)" }
        if case .refuted(let reason) = origin.standing {
            row.unknowns.append("what the image says of its base is not true: \(reason)")
            return
        }
        guard let name = origin.name else {
            if let (match, proof) = await CatalogueMatch.origin(of: image, origin, access) {
                if case .refuted(let reason) = proof.standing {
                    row.unknowns.append(
                        "its history names the packages of `\(match.name)`, and its layers are others: \(reason)"
                    )
                    return
                }
                row.base = match.name
                row.evidence = proof.words
                if !match.isExact { row.remarks.append("this coracle locks other versions of the base's packages") }
                return
            }
            row.remarks.append(
                "the image records the digest of its base and no name, as those on bases of coracle's catalogue do"
            )
            return
        }
        guard let reference = try? ImageLocation.reference(parsing: name) else {
            row.remarks.append(
                "the base `\(name.excerpt)` is not in a registry: whether there is a newer one is seen by its packages"
            )
            return
        }
        let old = origin.digest ?? reference.digest
        let state = await NameLookup(access).state(of: reference, since: old)
        switch state {
        // The name's image was looked at, and its layers are not the image's lowest ones.
        case .unpinned(let digest): row.name = .moved(from: nil, to: digest)
        case .unknown(let problem):
            row.name = state
            row.unknowns.append(problem.sentence)
        default: row.name = state
        }
        if origin.base == nil, case .current? = row.name {
            row.unknowns.append("the base was not to be had, so that its layers prove nothing")
        }
        await compare(reference, for: image.platform, &row)
    }

    /// What the new base would change.
    private func compare(_ reference: Reference, for platform: Platform?, _ row: inout UpkeepRow) async {
        guard !settings.isQuick, case .moved(let old?, let new)? = row.name else { return }
        do throws(Diagnostic) {
            row.change = try await BaseComparison(access: access).change(
                from: reference.at(old),
                to: reference.at(new),
                for: platform
            )
        } catch {
            row.remarks.append("what the new base changes is not known: \(error.sentence)")
        }
    }

    // MARK: Files

    private func draft(of pin: Pin, in file: PinnedFile) async -> Draft {
        var draft = Draft(row: UpkeepRow(file.path.display))
        draft.row.line = pin.line
        draft.row.place = pin.place
        draft.row.base = pin.text
        if let obstacle = pin.obstacle {
            draft.row.unknowns.append("it is not known which image it is: \(obstacle)")
            return draft
        }
        do throws(Diagnostic) {
            switch try PinnedBase(pin, of: file, access) {
            case .nothing: draft.row.remarks.append("it stands on no base")
            case .catalogue(let entry): try self.look(at: entry, &draft)
            case .place(let location): try await look(at: location, &draft)
            case .reference(let reference):
                let state = await NameLookup(access).state(of: reference)
                draft.row.name = state
                if case .unknown(let problem) = state { draft.row.unknowns.append(problem.sentence) }
                if case .fixed = state {
                    draft.row.unknowns.append(
                        "it has a digest and no tag: whether there is a newer image cannot be asked"
                    )
                }
                await compare(reference, for: settings.platforms.first, &draft.row)
                try await look(at: .registry(reference), &draft)
            }
        } catch {
            draft.row.unknowns.append(error.sentence)
        }
        return draft
    }

    /// Age, system and packages of a base.
    private func look(at location: ImageLocation, _ draft: inout Draft) async throws(Diagnostic) {
        let images = try await PlatformImage.all(of: try access.provider(for: location))
        let wanted = settings.platforms.first ?? .usual
        guard let image = images.first(where: { $0.platform.matches(wanted) }) ?? images.first else { return }
        draft.row.platform = image.platform
        draft.row.created = image.config.content.created.flatMap { try? Timestamp(parsing: $0) }
        if !settings.isQuick { await takeInventory(of: location, for: image.platform, &draft) }
    }

    /// A base of the catalogue: what its lock has.
    private func look(at entry: BaseCatalogue.Entry, _ draft: inout Draft) throws(Diagnostic) {
        let lock = try entry.lock()
        draft.row.created = lock.date
        let suite = entry.definition.suite
        draft.system = suite.format == .deb ? IndexedRelease(suite) : nil
        draft.row.endOfLife = .of(id: suite.systemID, version: suite.version ?? "")
        let wanted = settings.platforms.first?.debianArchitecture
        guard let architecture = wanted ?? (lock.architectures.contains("amd64") ? "amd64" : lock.architectures.first)
        else { return }
        draft.row.platform = Platform(debian: architecture)
        draft.architecture = architecture
        draft.packages = try lock.packages(of: entry.definition, entry.variant, for: architecture)
            .map { ($0.name, $0.version) }
    }

    // MARK: Packages

    private func takeInventory(of location: ImageLocation, for platform: Platform, _ draft: inout Draft) async {
        do throws(Diagnostic) {
            let inventory = try await ImageDescriber(access).describe(location, for: [platform]).inventory
            for manager in inventory.unreadManagers {
                draft.row.unknowns.append("which packages have newer versions: those of `\(manager)` are not read")
            }
            guard let system = inventory.distribution else {
                if inventory.components.contains(where: { $0.role == .system }) {
                    draft.row.unknowns.append("the image has packages, and no os-release that says of which system")
                }
                return
            }
            draft.row.endOfLife = .of(id: system.id, version: system.version)
            let packages = inventory.components.filter { $0.role == .system && $0.url?.type == "deb" }
            guard !packages.isEmpty else {
                if inventory.components.contains(where: { $0.role == .system }) {
                    let name = system.name ?? system.id
                    draft.row.unknowns.append(
                        "which packages of \(name) have newer versions: only those of Debian and Ubuntu are looked up"
                    )
                }
                return
            }
            guard
                let release = IndexedRelease(id: system.id, version: system.version, codename: system.codename)
            else {
                let name = system.name ?? "\(system.id) \(system.version)"
                draft.row.unknowns.append("no index of the packages of \(name) is read here")
                return
            }
            draft.system = release
            draft.architecture = platform.debianArchitecture
            draft.packages = packages.map { ($0.name, $0.version) }
        } catch {
            draft.row.unknowns.append("its packages cannot be read: \(error.sentence)")
        }
    }

    /// Asks for each release and architecture once.
    private func comparePackages(of drafts: inout [Draft]) async {
        var wanted: [IndexKey: Set<String>] = [:]
        for draft in drafts {
            guard let system = draft.system, let architecture = draft.architecture else { continue }
            let key = IndexKey(system: system, architecture: architecture)
            wanted[key, default: []].formUnion(draft.packages.map(\.name))
        }
        var found: [IndexKey: Result<PackageUpdates, Diagnostic>] = [:]
        for (key, names) in wanted.sorted(by: {
            ($0.key.system, $0.key.architecture) < ($1.key.system, $1.key.architecture)
        }) {
            do throws(Diagnostic) {
                let catalogue = try access.catalogue()
                let news = try await catalogue.news(
                    of: names,
                    for: key.architecture,
                    in: key.system,
                    trusting: settings.keyrings,
                    at: now
                )
                found[key] = .success(news)
            } catch {
                found[key] = .failure(error)
            }
        }
        for index in drafts.indices {
            guard let system = drafts[index].system, let architecture = drafts[index].architecture else { continue }
            switch found[IndexKey(system: system, architecture: architecture)] {
            case .success(let news)?:
                let updates = drafts[index].packages.compactMap { news.update(of: $0.name, from: $0.version) }
                drafts[index].row.updates = updates.sorted { ($0.name, $0.old) < ($1.name, $1.old) }
            case .failure(let problem)?:
                drafts[index].row.unknowns.append("which packages have newer versions: \(problem.sentence)")
            case nil: continue
            }
        }
    }
}

extension BaseOrigin {
    /// How it was found, in words.
    fileprivate var words: String {
        switch evidence {
        case .named: "as it was named"
        case .commonLayers: "by its layers, which are the image's lowest"
        case .packages:
            "by the packages in the image's history" + (standing == .proved ? ", proved by the layers" : "")
        case .claim(.annotation): standing == .proved ? "by annotation, proved by the layers" : "by annotation"
        case .claim(.label): standing == .proved ? "by label, proved by the layers" : "by label"
        case .claim(.buildpacks):
            standing == .proved ? "by buildpacks' label, proved by the layers" : "by buildpacks' label"
        case .claim(.layers): "by the marks of its layers"
        }
    }
}

extension Diagnostic {
    /// What and why in one sentence without a full stop.
    var sentence: String { summary + (reason.map { ": \($0)" } ?? "") }
}

extension Reference {
    /// The image of the same repository with this digest.
    func at(_ digest: Digest) throws(Diagnostic) -> Reference {
        try Reference(parsing: "\(registry)/\(repository)@\(digest)")
    }
}

extension Diagnostic.Code {
    static let upkeepNoImage = Self("upkeep.no-image", .notFound)
}
