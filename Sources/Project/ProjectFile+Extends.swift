package import ByteIO
package import Diagnostics
import Glibc
package import YAML

/// A file that says what a project builds and how it wants its images: `coracle.yaml`, or one with images alone.
package struct ProjectFile: Sendable {
    /// In bytes: room for ten thousand images, and some words about each.
    package static let sizeLimit = 8 << 20
    /// A project's settings, at the top of its directory.
    package static let usual: FilePath = "coracle.yaml"

    /// How many files extend each other, and how many there are of a project.
    private static let (longest, most) = (16, 64)

    let path: FilePath
    /// The file that extends it; `nil` for the one that was named.
    let extendedBy: FilePath?
    package let content: YAMLReader

    /// The file at `path` and those that it extends, which stand before it.
    ///
    /// - Parameter unreadable: the problem of a file that cannot be read.
    /// - Throws: that; `yaml.…` with line and column.
    package static func all(
        from path: FilePath,
        unreadable: (FilePath, SystemError) -> Diagnostic
    ) throws(Diagnostic) -> [ProjectFile] {
        var files = [ProjectFile]()
        try add(path, [], unreadable, to: &files)
        return files
    }

    /// - Parameter extending: the files that lead to this one.
    private static func add(
        _ path: FilePath,
        _ extending: [FilePath],
        _ unreadable: (FilePath, SystemError) -> Diagnostic,
        to files: inout [ProjectFile]
    ) throws(Diagnostic) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try self.bytes(of: path)
        } catch {
            throw unreadable(path, error)
        }
        let content = YAMLReader(try YAMLDocument(parsing: bytes, named: path.display, limit: sizeLimit))
        let chain = extending + [path]
        if content.value.isMapping, let extended = try content.optional("extends") {
            var texts = [extended]
            if case .sequence = extended.value.content { texts = try extended.array() }
            for text in texts {
                let name = try text.string()
                let other =
                    name.hasPrefix("/") || path.directory == "." ? FilePath(name) : path.directory.appending(name)
                guard !name.isEmpty, !name.utf8.contains(0) else { throw text.malformed("it does not name a file") }
                let isKnown = chain.contains { $0.resolved ?? $0 == other.resolved ?? other }
                guard !isKnown else {
                    let names = (chain + [other]).map { "`\($0.display)`" }
                    throw text.malformed("files extend each other in a circle: \(names.joined(separator: ", "))")
                }
                guard chain.count < longest, files.count < most else {
                    throw text.malformed(
                        chain.count < longest
                            ? "a project has at most \(most) files" : "more than \(longest) files extend each other"
                    )
                }
                try add(other, chain, unreadable, to: &files)
            }
        }
        files.append(ProjectFile(path: path, extendedBy: extending.last, content: content))
    }

    /// All bytes; if the file is too large, one byte more than the limit, so that the parser detects it.
    private static func bytes(of path: FilePath) throws(SystemError) -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let status = try file.status()
        // A pipe has no size to go by, and would be taken for an empty file.
        guard status.kind == .regular else {
            throw SystemError(number: status.kind == .directory ? EISDIR : EINVAL)
        }
        return try file.bytes(at: 0, count: Int(min(status.size, Int64(sizeLimit + 1))))
    }
}

extension [ProjectFile] {
    /// What they say below `profiles` for `names`: as those were named, and for each in the order of the files.
    ///
    /// - Throws: `project.no-profile`; `yaml.…` for what is not a mapping of profiles.
    package func profiles(_ names: [String]) throws(Diagnostic) -> [YAMLReader] {
        guard let path = last?.path else { return [] }
        var all = [(key: String, value: YAMLReader)]()
        for file in self { all += try file.profiles() }
        var found = [YAMLReader]()
        for name in names {
            let chosen = all.filter { $0.key == name }
            guard !chosen.isEmpty else { throw .unknownProfile(name, all.map(\.key), path) }
            found += chosen.map(\.value)
        }
        return found
    }
}

extension ProjectFile {
    /// What it has below `profiles`, by name.
    func profiles() throws(Diagnostic) -> [(key: String, value: YAMLReader)] {
        guard content.value.isMapping, let profiles = try content.optional("profiles") else { return [] }
        return try profiles.members()
    }
}
