import Applications
import ByteIO
import Diagnostics
import Images
import Layers
import OCI
import Request
import SourceTree

extension ApplicationReader {
    /// Directories of one application, each for a platform of its own: by their programs and modules first, else by their names.
    mutating func readDirectories(_ roots: [FilePath]) -> Application? {
        var found: [(root: FilePath, platform: Platform, application: Application)] = []
        for root in roots {
            guard let (platform, evidence) = platform(of: root) else { continue }
            if let other = found.first(where: { $0.platform.matches(platform) }) {
                remarks.problems.add(
                    Diagnostic(
                        .planSamePlatform,
                        "two directories for \(platform)",
                        because: "`\(other.root.display)` is for it, and `\(root.display)` is, too: \(evidence)",
                        hint: "leave one of them out, or add its files with `--add SRC:DST`"
                    )
                )
                continue
            }
            var request = request
            (request.paths, request.platforms) = ([root], [platform])
            let checked = Self.read(request, on: ground)
            guard let application = remarks.take(checked) else { continue }
            found.append((root, platform, application))
        }
        guard found.count == roots.count, var application = found.first?.application else { return nil }
        checkAsserted(found.map { ($0.root, $0.platform) })
        let bases = found.map(\.application.chosenBase)
        if let index = bases.firstIndex(where: { $0 != bases[0] }) {
            remarks.problems.add(
                Diagnostic(
                    .planMixedPaths,
                    "`\(roots[0].display)` and `\(roots[index].display)` need different bases",
                    because:
                        "one stands on `\(Self.name(of: bases[0]))`, the other on `\(Self.name(of: bases[index]))`",
                    hint: "name one for both with `--base`"
                )
            )
            return nil
        }
        application.name = Self.name(of: roots, found.map(\.application))
        application.variants = found.flatMap(\.application.variants)
        return application
    }

    private static func name(of base: ImageLocation?) -> String { base.map { "\($0)" } ?? "scratch" }

    /// What the directories are called without their platforms; else what they start, or the directory they are in.
    private static func name(of roots: [FilePath], _ applications: [Application]) -> String {
        let names = zip(roots, applications).map { root, application in
            PlatformName.isAll(application.name)
                ? application.variants.first?.entrypoint.map { FilePath($0).name }
                    ?? Application.name(of: (root.resolved ?? root).directory)
                : PlatformName.stem(of: application.name)
        }
        return Set(names).count == 1 ? names[0] : applications[0].name
    }

    /// What all compiled files of a directory are for, or what its name says where they leave a choice.
    private mutating func platform(of root: FilePath) -> (Platform, evidence: String)? {
        let options = remarks.collect { [request] () throws(Diagnostic) in
            try DirectoryWalk.Options(application: root, of: request)
        }
        guard let options else { return nil }
        // The directory is walked again when it is read, and its problems are reported then.
        var problems = Problems()
        let parts = CompiledParts(of: DirectoryWalk(root, to: .root, options, &problems).entries)
        let path = root.resolved ?? root
        let named = [path.name, path.directory.name].lazy.compactMap { name in
            PlatformName.platform(in: name).map { (name: name, platform: $0) }
        }.first
        switch (parts.platforms, named) {
        case (let platforms, let named?) where platforms.isEmpty || platforms.contains { named.platform.fits($0) }:
            let platform = platforms.first { named.platform.fits($0) } ?? named.platform
            return (platform, "`\(named.name)` names it")
        case (let platforms, _) where platforms.count == 1 && named == nil:
            return (platforms[0], parts.choice(onMachine: request.machine).evidence)
        case (let platforms, let named?):
            remarks.problems.add(
                Diagnostic(
                    .planPlatformMismatch,
                    "`\(root.display)` is named for \(named.platform), and its files are for \(Self.list(platforms))",
                    at: .file(path: root.display),
                    because: parts.choice(onMachine: named.platform).evidence,
                    hint: "build it again for \(named.platform), or give it a name without a platform"
                )
            )
        case (let platforms, nil):
            remarks.problems.add(
                Diagnostic(
                    .planNoPlatform,
                    "for which platform is `\(root.display)`?",
                    at: .file(path: root.display),
                    because: platforms.isEmpty
                        ? "nothing in it is for a certain processor" : "its files are for \(Self.list(platforms))",
                    hint: "name the platform at the end of its name, such as `\(root.name)-linux-amd64`"
                )
            )
        }
        return nil
    }
}

extension Platform {
    /// Whether a name for this platform may be that of files for `other`: names seldom say which ARM.
    fileprivate func fits(_ other: Platform) -> Bool {
        matches(other) || architecture == other.architecture && (variant == nil || other.variant == nil)
    }
}
