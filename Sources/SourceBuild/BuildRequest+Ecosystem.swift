import Applications
import ByteIO
import Diagnostics
import Images
import Layers
import OCI
import Plan
import Request
import SourceTree

extension BuildRequest {
    /// The ecosystem whose source the directory at `root` is, if it has to be built before there is an application.
    ///
    /// It is an application as it is if it has a program where programs are, or what an interpreter starts with all that
    /// it asks for. A static site does not count, as the source of programs has such files, too.
    func ecosystem(at root: FilePath, isInModule: Bool) -> Ecosystem? {
        let candidates = Ecosystem.allCases.filter { $0.isIn(root) || (isInModule && $0 == .go) }
        var problems = Problems()
        guard !candidates.isEmpty, let options = try? DirectoryWalk.Options(application: root, of: self) else {
            return nil
        }
        let destination = EntryPath(normalizing: "/app")
        let walk = DirectoryWalk(root, to: destination, options, &problems)
        if ApplicationDirectory(walk, at: destination).candidateCount > 0 { return nil }
        let recognition = Recognition(walk.entries, at: destination)
        if recognition.selfContained != nil || recognition.isWebArchive { return nil }
        let compiled = candidates.first { $0.isCompiled }
        let isCertain = if case .application = recognition.result { true } else { false }
        if isCertain || compiled == nil, let kind = recognition.result.application?.kind {
            let lacking = candidates.first { $0.kind == kind && lacksPackages($0, root, walk.entries) }
            if let lacking { return lacking }
        }
        // What is to be started is in the directory, or on a base.
        guard configuration.entrypoint == nil else { return nil }
        switch recognition.stated {
        case .file?, .application?: return nil
        case .refused?, nil: break
        }
        if case .application(let found) = recognition.result, found.kind != .staticSite { return nil }
        return compiled
    }

    /// The base of the catalogue for the directory at `root` as an application of `kind`.
    func catalogueBase(of root: FilePath, _ kind: ApplicationKind) -> String? {
        var problems = Problems()
        guard let options = try? DirectoryWalk.Options(application: root, of: self) else { return nil }
        let destination = EntryPath(normalizing: "/app")
        let walk = DirectoryWalk(root, to: destination, options, &problems)
        return Recognition(walk.entries, at: destination).application(kind)?.base
    }

    /// Whether the project names packages and nothing was installed that would be in the image.
    private func lacksPackages(_ ecosystem: Ecosystem, _ root: FilePath, _ entries: [LayerEntry]) -> Bool {
        // They may be among what the user adds, or on a base that is not the catalogue's.
        guard !bringsFiles else { return false }
        let directories = entries.lazy.filter(\.isDirectory).map(\.path.bytes)
        switch ecosystem {
        case .node:
            return NodeManifest(at: root)?.hasDependencies ?? false && NodeManager(at: root) != nil
                && !directories.contains { $0.elementsEqual("/app/node_modules".utf8) }
        case .python:
            let isOnOthers = base.map { !$0.isOfCatalogue } ?? !choosesBase
            return !isOnOthers && PythonRequirements(at: root) != nil
                && !directories.contains { $0.hasSuffix("-info") || $0.hasSuffix("/site-packages") }
        case .go, .cargo, .swift, .maven, .gradle: return false
        }
    }
}

extension Collection<UInt8> {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

extension ImageLocation {
    fileprivate var isOfCatalogue: Bool {
        switch self {
        case .catalogue: true
        case .registry, .layout, .archive, .dockerArchive: false
        }
    }
}
