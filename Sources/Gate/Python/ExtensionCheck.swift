import Diagnostics
import ELF
import Findings
import Layers
import Python

/// Why Python cannot import an extension module.
enum ExtensionMisfit: Hashable {
    /// It is for this version only, as the tag in its name says.
    case otherVersion(String, tag: String)
    /// It is for another system or C library.
    case otherSystem(String?, tag: String)
    /// It calls a function that Python has since 3.`minor`.
    case newerVersion(minor: Int, symbol: String)
}

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

    /// Why Python cannot import a module; `nil` if nothing keeps it from doing so.
    func misfit(of entry: RootEntry) throws(Diagnostic) -> ExtensionMisfit? {
        // Without a Python there is nothing to compare with.
        guard let runtime, let module = ExtensionTag(String(printing: entry.path.name)) else { return nil }
        switch module.kind {
        case .version(let version):
            guard !runtime.finds(module, on: system) else { return nil }
            return version == runtime.version
                ? .otherSystem(module.system, tag: module.tag) : .otherVersion(version, tag: module.tag)
        case .stable:
            guard let newest = try newestSymbol(of: entry), newest.minor > runtime.minor else { return nil }
            return .newerVersion(minor: newest.minor, symbol: newest.name)
        case .any: return nil
        }
    }

    /// One finding for all modules that do not fit for the same reason.
    func finding(_ misfit: ExtensionMisfit, in modules: [(entry: RootEntry, reach: Reach)]) -> Finding {
        let version = runtime?.version ?? ""
        let (first, reach) = modules[0]
        let others = modules.dropFirst()
        let isOne = others.isEmpty
        let count = others.count == 1 ? "another module" : "\(others.count) other modules"
        let subject = "`\(first.path)`" + (isOne ? "" : " and \(count)")
        let shown = others.prefix(3).map { "`\($0.entry.path)`" }.joined(separator: ", ")
        let more = others.count > 3 ? " and \(others.count - 3) more" : ""
        let reason = (isOne ? "" : "; so are \(shown)\(more)") + (reach.words.map { "; \($0)" } ?? "")
        let verb = isOne ? "is" : "are"
        let (summary, why, way): (String, String, String)
        switch misfit {
        case .otherVersion(let wanted, let tag):
            summary = "\(subject) \(verb) for Python \(wanted), and the image has \(version)"
            why = "its name says `\(tag)`: Python \(version) does not see it"
            way = "install the packages with Python \(version), or " + base("choose a base with Python \(wanted)")
        case .otherSystem(let system, let tag):
            summary = "\(subject) \(verb) for \(system ?? "another system"), and the image's Python for \(self.system)"
            why = "its name says `\(tag)`: Python \(version) does not see it"
            way = "install the packages for the image's system"
        case .newerVersion(let minor, let symbol):
            summary = "\(subject) \(isOne ? "needs" : "need") Python 3.\(minor) or newer, and the image has \(version)"
            why =
                "it calls `\(symbol)`, which Python has since 3.\(minor): the import ends in `undefined symbol: \(symbol)`"
            way =
                "install the packages with Python \(version), or "
                + base("choose a base with Python 3.\(minor) or newer")
        }
        return Finding(
            .extensionTag,
            summary,
            in: first.path,
            as: reach.severity,
            because: why + reason,
            hint: way,
            places: modules.map(\.entry.path)
        )
    }

    /// The base on which nothing is missing, if one is known.
    private func base(_ words: String) -> String {
        image.advice?.works.map { "choose `\($0)`, where nothing is missing" } ?? words
    }

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
