import Layers
import OCI

/// What of a package goes into its layer.
///
/// A change in what comes out of it needs another number in `kind`, or old layers would be taken for new ones.
struct PackageRecipe: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        /// All but what we make ourselves.
        case usual
        /// Nothing but the copyright: what is in it is used otherwise.
        case copyright
        /// The one program as `/busybox/busybox`, with a link for each of its tools.
        case busybox
    }

    let form: Form
    let isSlim: Bool
    /// Nothing but what is at these paths and below, and the copyright; nil for no such limit.
    let only: [EntryPath]?

    init(of package: String, _ variant: BaseVariant, in definition: BaseDefinition) {
        isSlim = variant.isSlim
        only = definition.parts[package]
        switch package {
        case "ca-certificates": form = .copyright
        case BaseLock.debugPackage where !definition.packages.contains(package): form = .busybox
        default: form = .usual
        }
    }

    /// What layers made by it are cached as.
    var kind: String {
        let name =
            switch form {
            case .usual: "deb-layer-3"
            case .copyright: "deb-copyright-layer-3"
            case .busybox: "deb-busybox-layer-3"
            }
        let part = only.map { paths in
            "-" + Digest(sha256Of: Array(paths.map { "\($0)\n" }.joined().utf8)).hex.prefix(16)
        }
        return name + (part ?? "") + (isSlim ? "-slim" : "")
    }

    /// Whether what is at `path`, without a leading slash, is kept. What is left out is so with all that is below it.
    func keeps(_ path: EntryPath, isDirectory: Bool) -> Bool {
        let parts = path.bytes.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        switch form {
        case .usual: break
        case .copyright, .busybox: return Self.isCopyright(parts, isDirectory)
        }
        // Ours says the same, and is the same whichever point release the package is of.
        if parts == ["usr", "lib", "os-release"] { return false }
        if let only, !Self.isCopyright(parts, isDirectory) {
            guard only.contains(where: { $0.contains(path) || (isDirectory && path.contains($0)) }) else {
                return false
            }
        }
        return !isSlim || Self.keepsSlim(parts, isDirectory)
    }

    private static func isCopyright(_ parts: [String], _ isDirectory: Bool) -> Bool {
        let directories = ["usr", "share", "doc"]
        guard parts.count > directories.count else { return isDirectory && directories.starts(with: parts) }
        guard parts.starts(with: directories) else { return false }
        return parts.count == 4 || (parts.count == 5 && parts[4] == "copyright")
    }

    private static func keepsSlim(_ parts: [String], _ isDirectory: Bool) -> Bool {
        if parts.starts(with: ["usr", "share"]), parts.count > 3 {
            switch parts[2] {
            // Of a package that shares another's documentation, the link to it.
            case "doc": return isCopyright(parts, isDirectory)
            case "man", "info", "lintian", "bug": return false
            case "zoneinfo": return parts[3] != "right" && parts[3] != "posix"
            default: return true
            }
        }
        let isLibrary = parts.starts(with: ["usr", "lib"])
        return !(isLibrary && parts.count > 4 && parts[3] == "gconv")
    }
}
