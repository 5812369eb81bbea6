import Findings
import Layers

/// Where container engines mount file systems of their own, which hide what the image has there.
///
/// runtime-spec, config-linux.md § Default Filesystems.
enum MountedPlaces {
    private static let directories = ["proc", "sys", "dev"].map { EntryPath(unchecked: Array($0.utf8)) }

    /// Files that what starts cannot do without, and that are hidden.
    static func findings(in files: [RootEntry]) -> [Finding] {
        files.compactMap { file in
            guard let directory = directories.first(where: { $0.contains(file.path) }) else { return nil }
            return Finding(
                .mountedOver,
                "`\(file.path)` is needed at the start, and no container has it",
                in: file.path,
                because:
                    "every engine mounts a file system of its own at `\(directory)`, which hides what the image has there",
                hint: "put it elsewhere, such as below `/app`"
            )
        }
    }
}
