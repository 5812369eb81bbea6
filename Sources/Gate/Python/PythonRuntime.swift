import Diagnostics
import ELF
import Findings
import Layers
import OCI
import Python

/// The Python of an image.
struct PythonRuntime: Hashable {
    /// `3.13`; `3.13t` without the global lock.
    let version: String
    /// The ends of the names by which it finds extension modules, in its order.
    ///
    /// CPython, `importlib.machinery.EXTENSION_SUFFIXES`.
    func finds(_ tag: ExtensionTag, on system: String) -> Bool {
        switch tag.kind {
        case .any: true
        case .stable: !isFreeThreaded
        case .version(let version): version == self.version && (tag.system ?? system) == system
        }
    }

    var isFreeThreaded: Bool { version.hasSuffix("t") }

    /// 13 of 3.13.
    var minor: Int { Int(version.dropFirst(2).prefix { $0.isNumber }) ?? 0 }

    /// What its modules are for, in their names: `x86_64-linux-gnu`.
    static func system(_ platform: Platform, isMusl: Bool) -> String {
        let names = LoaderNames(architecture: platform.architecture)
        return isMusl ? "\(names.musl)-linux-musl" : names.triplet
    }

    /// The Python that `chain` starts; where that is another program, the only one that is in the usual places. `nil` if there is
    /// none, or if there are several: then either may be meant.
    init?<Root: ImageRoot>(_ chain: StartChain<Root>, in root: Root) {
        if chain.isPython, let program = chain.program, let version = Self.version(String(printing: program.path.name))
        {
            self.version = version
            return
        }
        var versions = Set<String>()
        // Most images of one program have neither.
        let directories = ["/usr/bin", "/usr/local/bin"].filter { root.resolve($0) != nil }
        guard !directories.isEmpty else { return nil }
        for minor in 6...40 {
            for mode in ["", "t"] {
                for directory in directories
                where root.resolve("\(directory)/python3.\(minor)\(mode)") != nil {
                    versions.insert("3.\(minor)\(mode)")
                }
            }
        }
        guard versions.count == 1, let version = versions.first else { return nil }
        self.version = version
    }

    /// `3.13` of `python3.13`.
    private static func version(_ name: String) -> String? {
        guard name.hasPrefix("python3.") else { return nil }
        let version = name.dropFirst("python".count)
        let minor = version.dropFirst(2)
        let digits = minor.prefix { $0.isNumber }
        guard !digits.isEmpty, ["", "t", "d"].contains(minor.dropFirst(digits.count)) else { return nil }
        return String(version)
    }
}
