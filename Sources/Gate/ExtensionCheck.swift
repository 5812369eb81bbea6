import Diagnostics
import ELF
import Layers

/// Whether extension modules of Python are for the Python that the image has: one for another version is not found.
///
/// PEP 3149; CPython, Lib/importlib/_bootstrap_external.py.
struct ExtensionCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings(in entry: RootEntry) -> [Finding] {
        let name = String(printing: entry.path.name)
        guard let module = ExtensionTag(name) else { return [] }
        let versions = Self.pythons(in: image.root)
        // Without a Python there is nothing to compare with, and of two either may be meant.
        guard versions.count == 1, let version = versions.first, version != module.version else { return [] }
        return [
            Finding(
                .extensionTag,
                "`\(entry.path)` is for Python \(module.version), and the image has \(version)",
                in: entry.path,
                because: "its name says `\(module.tag)`: Python \(version) does not see it",
                hint: "install the packages with Python \(version), or choose a base with Python \(module.version)"
            )
        ]
    }

    /// `3.11`, by the programs that are there.
    private static func pythons(in root: Root) -> Set<String> {
        var versions = Set<String>()
        for minor in 6...40 {
            for directory in ["/usr/bin", "/usr/local/bin"] where root.resolve("\(directory)/python3.\(minor)") != nil {
                versions.insert("3.\(minor)")
            }
        }
        return versions
    }
}

/// What the name of an extension module says: `_speedups.cpython-311-x86_64-linux-gnu.so`.
struct ExtensionTag: Hashable {
    let tag: String
    /// `3.11`.
    let version: String

    /// `nil` for other names, and for modules of the stable interface (`abi3`), which any later Python loads.
    init?(_ name: String) {
        let parts = name.split(separator: ".")
        guard parts.count >= 3, parts[parts.count - 1] == "so" else { return nil }
        let tag = parts[parts.count - 2]
        guard tag.hasPrefix("cpython-") else { return nil }
        let digits = tag.dropFirst("cpython-".count).prefix { $0.isASCII && $0.isNumber }
        guard let major = digits.first, digits.count >= 2 else { return nil }
        self.tag = String(tag)
        version = "\(major).\(digits.dropFirst())"
    }
}
