import Diagnostics
import ELF
import Findings
import Layers

/// Whether extension modules of Python are for the Python that the image has: one for another version is not found, and one for
/// a newer version asks for functions that are not there.
struct ExtensionCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>
    private let runtime: PythonRuntime?
    private let system: String

    init(_ image: GatedImage<Root>, _ runtime: PythonRuntime?, system: String) {
        self.image = image
        self.runtime = runtime
        self.system = system
    }

    func findings(in entry: RootEntry, _ reach: Reach) throws(Diagnostic) -> [Finding] {
        // Without a Python there is nothing to compare with.
        guard let runtime, let module = ExtensionTag(String(printing: entry.path.name)) else { return [] }
        let reason = reach.words.map { "; \($0)" } ?? ""
        switch module.kind {
        case .version(let version):
            guard !runtime.finds(module, on: system) else { return [] }
            let isVersion = version != runtime.version
            return [
                Finding(
                    .extensionTag,
                    isVersion
                        ? "`\(entry.path)` is for Python \(version), and the image has \(runtime.version)"
                        : "`\(entry.path)` is for \(module.system ?? "another system"), and the image's Python for \(system)",
                    in: entry.path,
                    as: reach.severity,
                    because: "its name says `\(module.tag)`: Python \(runtime.version) does not see it\(reason)",
                    hint: isVersion
                        ? "install the packages with Python \(runtime.version), or \(base("choose a base with Python \(version)"))"
                        : "install the packages for the image's system"
                )
            ]
        case .stable:
            guard let newest = try newestSymbol(of: entry), newest.minor > runtime.minor else { return [] }
            return [
                Finding(
                    .extensionTag,
                    "`\(entry.path)` needs Python 3.\(newest.minor) or newer, and the image has \(runtime.version)",
                    in: entry.path,
                    as: reach.severity,
                    because: "it calls `\(newest.name)`, which Python has since 3.\(newest.minor): "
                        + "the import ends in `undefined symbol: \(newest.name)`\(reason)",
                    hint: "install the packages with Python \(runtime.version), or "
                        + base("choose a base with Python 3.\(newest.minor) or newer")
                )
            ]
        case .any: return []
        }
    }

    /// The base on which nothing is missing, if one is known.
    private func base(_ words: String) -> String { image.advice?.works.map { "choose `\($0)`, where nothing is missing" } ?? words }

    /// The youngest of the functions of Python that the module calls; `nil` if all are old.
    private func newestSymbol(of entry: RootEntry) throws(Diagnostic) -> (minor: Int, name: String)? {
        let source = EntrySource(root: image.root, entry: entry)
        guard let file = try? ElfFile(source, named: entry.path.description) else { return nil }
        let symbols = file.neededSymbols(in: source).compactMap { name in
            StableInterface.added(name).map { (minor: $0, name: name) }
        }
        return symbols.max { ($0.minor, $1.name) < ($1.minor, $0.name) }
    }
}
