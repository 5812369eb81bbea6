import ArgumentParser
import ByteIO
import Diagnostics
import Glibc
import Kubernetes

/// Which files are meant, and how images are written into them.
struct ManifestOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: ArgumentHelp(
            "A file, a directory with .yaml, .yml and .json, or `-` for standard input. Repeatable.",
            valueName: "file"
        )
    )
    var filename: [String] = []

    @Flag(name: [.customShort("R"), .long], help: "Also the directories below.")
    var recursive = false

    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp("Only documents whose labels match, such as app=shop.", valueName: "labels")
    )
    var selector: String?

    @Flag(help: "Write the tag without a digest.")
    var tagOnly = false

    @Flag(help: "Exit with 9 if no image is named.")
    var strict = false

    @Flag(help: "Stay, and do it again whenever a file changes. Ctrl-C ends it.")
    var watch = false

    static let noFiles = "name the manifests: `-f deploy.yaml`, `-f DIR`, or `-f -` for standard input"

    func labels() throws(Diagnostic) -> LabelSelector? {
        try selector.map { text throws(Diagnostic) in try LabelSelector(parsing: text) }
    }

    /// The files, in their order.
    ///
    /// - Throws: `usage.malformed`, `kubernetes.unreadable`.
    func files() throws(Diagnostic) -> [ManifestFile] {
        var files = [ManifestFile]()
        for text in filename {
            if text == "-" {
                guard !files.contains(.standardInput) else {
                    throw Self.malformed(text, "standard input is read once", hint: "write it once")
                }
                files.append(.standardInput)
                continue
            }
            if text.hasPrefix("http://") || text.hasPrefix("https://") {
                throw Self.malformed(
                    text,
                    "an address is not a file",
                    hint: "load it first: `curl -fsSL \(text) | coracle resolve -f -`"
                )
            }
            let path = FilePath(text)
            guard let status = try? FileStatus(at: path, following: true) else {
                throw ManifestFile.unreadable(path, "it does not exist")
            }
            if status.kind == .directory {
                let found = try ManifestFile.all(in: path, isRecursive: recursive, depth: 0)
                if found.isEmpty {
                    throw ManifestFile.unreadable(
                        path,
                        "the directory has no .yaml, .yml or .json",
                        hint: recursive ? nil : "`-R` looks into the directories below"
                    )
                }
                files += found
            } else {
                files.append(.file(path))
            }
        }
        return files
    }

    private static func malformed(_ text: String, _ reason: String, hint: String) -> Diagnostic {
        Diagnostic(
            .usageMalformed,
            "`--filename \(text)` is not understood",
            at: .option("--filename"),
            because: reason,
            hint: hint
        )
    }
}

/// A file with manifests.
enum ManifestFile: Hashable {
    case standardInput
    case file(FilePath)

    private static let depthLimit = 64
    private static let countLimit = 100_000

    /// What messages call it.
    var name: String {
        switch self {
        case .standardInput: "standard input"
        case .file(let path): path.display
        }
    }

    /// - Throws: `kubernetes.unreadable`.
    func content() throws(Diagnostic) -> [UInt8] {
        let path: FilePath = if case .file(let path) = self { path } else { "/dev/stdin" }
        do throws(SystemError) {
            return try OpenFile.content(of: path, limit: Manifest.sizeLimit)
        } catch {
            if case .standardInput = self {
                throw Self.unreadable(
                    FilePath(name),
                    error.number == EINVAL
                        ? "nothing comes from it" : error.description(readingAtMost: Manifest.sizeLimit),
                    hint: "pipe a manifest into it: `kubectl kustomize DIR | coracle resolve -f -`"
                )
            }
            throw Self.unreadable(path, error.description(readingAtMost: Manifest.sizeLimit), hint: error.hint)
        }
    }

    /// The manifests in a directory, by their names. Symlinks to directories are not followed.
    static func all(in directory: FilePath, isRecursive: Bool, depth: Int) throws(Diagnostic) -> [ManifestFile] {
        guard depth < depthLimit else {
            throw unreadable(directory, "directories are \(depthLimit) deep in each other")
        }
        let names: [[UInt8]]
        do throws(SystemError) {
            names = try OpenFile(directory, O_RDONLY | O_DIRECTORY).directoryEntries()
        } catch {
            throw unreadable(directory, error.description, hint: error.hint)
        }
        var files = [ManifestFile]()
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let path = directory.appending(name: name)
            guard let own = try? FileStatus(at: path) else { continue }
            if own.kind == .directory {
                if isRecursive { files += try all(in: path, isRecursive: true, depth: depth + 1) }
            } else if [".yaml", ".yml", ".json"].contains(where: path.name.hasSuffix),
                (try? FileStatus(at: path, following: true))?.kind == .regular
            {
                files.append(.file(path))
            }
            guard files.count <= countLimit else { throw unreadable(directory, "it has more than \(countLimit) files") }
        }
        return files
    }

    static func unreadable(_ path: FilePath, _ reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .manifestUnreadable,
            "`\(path.display)` cannot be read",
            at: .file(path: path.display),
            because: reason,
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let manifestUnreadable = Self("kubernetes.unreadable", .input)
}
