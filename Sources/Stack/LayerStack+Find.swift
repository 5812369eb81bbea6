package import Diagnostics
import Layers
package import Rootfs

extension LayerStack {
    /// What an absolute path leads to.
    package func find(_ path: String) -> StackEntry? { resolve(path.utf8) }

    /// A small file of the base, where it really is; `nil` if there is none.
    ///
    /// - Throws: `plan.base-unreadable` if it is not a file, or too large for its kind.
    package func content(_ path: String) throws(Diagnostic) -> RuntimeGaps.Replacement? {
        guard let entry = find(path) else { return nil }
        guard entry.kind == .file, let bytes = base?.content(of: entry.path) else {
            throw Diagnostic(
                .planBaseUnreadable,
                "the base's `\(path)` cannot be read",
                because: entry.kind == .file ? "it is larger than 64 KiB, or named otherwise" : "it is \(entry.origin)",
                hint: "leave the base's accounts alone with `--no-runtime`"
            )
        }
        return RuntimeGaps.Replacement(entry.path, bytes)
    }
}

extension Diagnostic.Code {
    static let planBaseUnreadable = Self("plan.base-unreadable", .input)
}
