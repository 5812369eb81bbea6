/// What the name of an extension module of Python says: `_speedups.cpython-311-x86_64-linux-gnu.so`.
///
/// PEP 3149; CPython, Lib/importlib/_bootstrap_external.py.
package struct ExtensionTag: Hashable, Sendable {
    /// What it is loaded by.
    package enum Kind: Hashable, Sendable {
        /// One version of Python only: `3.11`; `3.13t` is built without the global lock, and another one.
        case version(String)
        /// Any version from the one on that it was built for, which its name does not say: `abi3`.
        case stable
        /// The name has no tag.
        case any
    }

    /// What stands between the dots; empty if nothing does.
    package let tag: String
    package let kind: Kind
    /// For which system: `x86_64-linux-gnu`; `nil` if the tag does not say.
    package let system: String?
    /// What is imported: `_speedups`.
    package let module: String

    /// `nil` for names that no extension module has.
    package init?(_ name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts.last == "so", let first = parts.first, !first.isEmpty else { return nil }
        module = String(first)
        guard parts.count == 3 else {
            guard parts.count == 2 else { return nil }
            (tag, kind, system) = ("", .any, nil)
            return
        }
        tag = String(parts[1])
        if tag == "abi3" || tag.hasPrefix("abi3-") {
            (kind, system) = (.stable, nil)
            return
        }
        let words = tag.split(separator: "-", maxSplits: 2)
        guard words.count >= 2, words[0] == "cpython", let major = words[1].first, major.isNumber else { return nil }
        let version = words[1].dropFirst()
        guard !version.isEmpty, version.first?.isNumber == true else { return nil }
        kind = .version("\(major).\(version)")
        system = words.count == 3 ? String(words[2]) : nil
    }
}
