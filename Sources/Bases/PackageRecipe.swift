import Layers
import OCI

/// The parts of a package that go into its layer.
///
/// If the result changes, the number in `kind` has to change, too; otherwise old cached layers would be used.
struct PackageRecipe: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        /// Everything except the files that we generate.
        case usual
        /// Only the copyright: the rest is used in another way.
        case copyright
        /// The one program as `/busybox/busybox`, with a link for each of its tools.
        case busybox
    }

    let format: PackageFormat
    let form: Form
    let isSlim: Bool
    /// Whether manuals, documentation and translations are left out.
    let isUndocumented: Bool
    /// Only these paths, everything below them, and the copyright; `nil` for no such limit.
    let only: [EntryPath]?

    init(of package: String, _ variant: BaseVariant, in definition: BaseDefinition) {
        format = definition.suite.format
        isSlim = variant.isSlim
        isUndocumented = definition.isUndocumented && !definition.documented.contains(package)
        only = definition.parts[package]
        switch package {
        case _ where format == .apk: form = .usual
        case "ca-certificates": form = .copyright
        case BaseLock.debugPackage where !definition.packages.contains(package): form = .busybox
        default: form = .usual
        }
    }

    /// Part of the cache key of the layers that it makes.
    var kind: String {
        let name =
            switch form {
            case .usual: format == .apk ? "apk-layer-2" : "deb-layer-4"
            case .copyright: "deb-copyright-layer-4"
            case .busybox: "deb-busybox-layer-4"
            }
        let part = only.map { paths in
            "-" + Digest(sha256Of: Array(paths.map { "\($0)\n" }.joined().utf8)).hex.prefix(16)
        }
        return name + (part ?? "") + (isSlim ? "-slim" : "") + (isUndocumented ? "-undocumented" : "")
    }

    /// Whether the entry at `path`, without a leading slash, is kept. A dropped directory is dropped with its content.
    func keeps(_ path: EntryPath, isDirectory: Bool) -> Bool {
        let parts = path.bytes.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        switch form {
        case .usual: break
        case .copyright, .busybox: return Self.isCopyright(parts, isDirectory)
        }
        // Ours has the same content, and does not depend on the point release of the package.
        if format == .deb, parts == ["usr", "lib", "os-release"] { return false }
        if let only, !Self.isCopyright(parts, isDirectory) {
            guard only.contains(where: { $0.contains(path) || (isDirectory && path.contains($0)) }) else {
                return false
            }
        }
        if isUndocumented, Self.isDocumentation(parts, isDirectory) || Self.isTranslation(parts) { return false }
        return !isSlim || Self.keepsSlim(parts, isDirectory)
    }

    private static func isCopyright(_ parts: [String], _ isDirectory: Bool) -> Bool {
        let directories = ["usr", "share", "doc"]
        guard parts.count > directories.count else { return isDirectory && directories.starts(with: parts) }
        guard parts.starts(with: directories) else { return false }
        return parts.count == 4 || (parts.count == 5 && parts[4] == "copyright")
    }

    private static func isDocumentation(_ parts: [String], _ isDirectory: Bool) -> Bool {
        guard parts.starts(with: ["usr", "share"]), parts.count > 3 else { return false }
        switch parts[2] {
        // A package that shares another's documentation has a link to it.
        case "doc": return !isCopyright(parts, isDirectory)
        case "man", "info", "lintian", "bug": return true
        default: return false
        }
    }

    /// The messages of programs in other languages. The tables of locales beside them stay.
    private static func isTranslation(_ parts: [String]) -> Bool {
        guard parts.starts(with: ["usr", "share", "locale"]), parts.count > 3 else { return false }
        return !["all_languages", "currency", "l10n", "languages", "locale.alias"].contains(parts[3])
    }

    private static func keepsSlim(_ parts: [String], _ isDirectory: Bool) -> Bool {
        if isDocumentation(parts, isDirectory) { return false }
        if parts.starts(with: ["usr", "share", "zoneinfo"]), parts.count > 3 {
            return parts[3] != "right" && parts[3] != "posix"
        }
        let isLibrary = parts.starts(with: ["usr", "lib"])
        return !(isLibrary && parts.count > 4 && parts[3] == "gconv")
    }
}
