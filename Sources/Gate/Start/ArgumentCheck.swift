import Findings
import Layers
import Needs
import OCI

/// Whether the files that the image's words tell an interpreter to read are in the image.
struct ArgumentCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings() -> [Finding] {
        let words = InterpreterWords(image.execution)
        var findings = words.files.filter { !isThere($0.path, $0.suffixes) }.map { file in
            Finding(
                .argumentMissing,
                "the image starts with `\(file.path)`, which it does not have",
                because:
                    "\(file.reader) reads it first, and ends without it; \(Self.looked(file.path, image.execution))",
                hint: Self.cure,
                subject: file.path
            )
        }
        let missing = words.classPath.filter { !isThere($0) }
        if let first = missing.first {
            // A class path of which nothing is there has no main class either.
            let isAll = missing.count == words.classPath.count
            let others = missing.count > 1 ? " and \(missing.count - 1) more" : ""
            findings.append(
                Finding(
                    isAll ? .argumentMissing : .classPathMissing,
                    "Java's class path names `\(first)`\(others), which the image does not have",
                    because: isAll
                        ? "nothing that it names is there: Java ends in `Could not find or load main class`"
                        : "Java passes over it without a word, and ends in `NoClassDefFoundError` where a class of it is needed",
                    hint: Self.cure,
                    subject: first
                )
            )
        }
        return findings
    }

    private static var cure: String {
        "put it into the application, add it with `--add SRC:DST`, or name another with `--entrypoint`; what is mounted "
            + "when the container starts is not looked for below `--volume DIR`"
    }

    private static func looked(_ path: String, _ execution: ImageConfig.Execution) -> String {
        path.hasPrefix("/") ? "no layer has it" : "its directory is the working directory `\(execution.startDirectory)`"
    }

    private func isThere(_ path: String, _ suffixes: [String] = []) -> Bool {
        var place = path.hasPrefix("/") ? path : "\(image.execution.startDirectory)/\(path)"
        // All archives of a directory.
        if place.hasSuffix("/*") { place.removeLast(2) }
        if place.isEmpty || isMounted(place) { return true }
        return ([""] + suffixes).contains { image.root.resolve(place + $0) != nil }
    }

    /// Whether the place has other files in a container than in the image.
    private func isMounted(_ place: String) -> Bool {
        let path = EntryPath(normalizing: place)
        let mounts = image.execution.volumes + ["/proc", "/sys", "/dev", "/run", "/tmp", "/var/run", "/mnt"]
        return mounts.contains { EntryPath(normalizing: $0).contains(path) }
    }
}
