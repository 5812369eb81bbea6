import Layers

/// Where a directory has Python's packages, and which version of Python they are for.
struct PythonPackages {
    /// Directories with installed packages, relative to the application; empty text for the application itself.
    let places: [String]
    /// `3.11`, if something in the tree is for that version only; with the file that shows it.
    let version: Version?

    struct Version: Hashable {
        let number: String
        /// What shows it, relative to the directory.
        let evidence: String
        /// Whether compiled modules are for it, which load in no other version.
        let isBinding: Bool
        /// Whether they are for musl, which Debian's Python is not linked with.
        var isForMusl = false
    }

    init(in contents: DirectoryContents) {
        var places = [String]()
        var versions = [Version]()
        var compiled = [Version]()
        // For the stable interface, and for musl all the same.
        var stable: Version?
        for entry in contents.entries(where: Self.isMark) {
            guard let name = contents.name(of: entry.path) else { continue }
            let parent = name.parent
            if entry.isDirectory {
                if name.hasSuffix(".dist-info") || name.hasSuffix(".egg-info") {
                    if !places.contains(parent) { places.append(parent) }
                } else if name.lastComponent == "site-packages", !places.contains(name) {
                    places.append(name)
                }
                if let version = Self.version(ofLibrary: name) {
                    versions.append(Version(number: version, evidence: name, isBinding: false))
                }
            } else if name.lastComponent == "pyvenv.cfg" {
                if let version = contents.read(name).flatMap(Self.version(ofEnvironment:)) {
                    versions.append(Version(number: version, evidence: name, isBinding: false))
                }
            } else if name.lastComponent == "WHEEL" {
                let bytes = contents.read(name) ?? []
                let isForMusl = String(decoding: bytes, as: UTF8.self).contains("musllinux")
                if let version = Self.version(ofWheel: bytes) {
                    compiled.append(Version(number: version, evidence: name, isBinding: true, isForMusl: isForMusl))
                } else if isForMusl {
                    stable = Version(number: "3.13", evidence: name, isBinding: true, isForMusl: true)
                }
            } else if let version = Self.version(ofModule: name.lastComponent) {
                let isForMusl = name.hasSuffix("-linux-musl.so")
                compiled.append(Version(number: version, evidence: name, isBinding: true, isForMusl: isForMusl))
            }
        }
        // What is inside another place is a package's own copy of others.
        self.places = places.filter { place in
            !places.contains { other in
                if other.isEmpty { return !place.isEmpty && place.lastComponent != "site-packages" }
                return place.hasPrefix("\(other)/")
            }
        }
        // Packages for both C libraries stand side by side: those for glibc fit.
        version = compiled.first { !$0.isForMusl } ?? compiled.first ?? stable ?? versions.first
    }

    private static func isMark(_ name: ArraySlice<UInt8>) -> Bool {
        func ends(_ text: String) -> Bool { name.suffix(text.utf8.count).elementsEqual(text.utf8) }
        return ends(".so") || ends("-info") || ends("/WHEEL") || ends("site-packages") || ends("pyvenv.cfg")
    }

    // MARK: Versions

    /// `python3.11` of `lib/python3.11/site-packages`.
    private static func version(ofLibrary name: String) -> String? {
        let parts = name.split(separator: "/")
        guard parts.last == "site-packages", parts.count > 1 else { return nil }
        let directory = parts[parts.count - 2]
        return directory.hasPrefix("python3.") ? number(directory.dropFirst(6)) : nil
    }

    /// PEP 405: `version = 3.11.2`; virtualenv and uv write `version_info`.
    private static func version(ofEnvironment bytes: [UInt8]) -> String? {
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: "=", maxSplits: 1)
            guard fields.count == 2, ["version", "version_info"].contains(fields[0].filter { $0 != " " }) else {
                continue
            }
            let numbers = fields[1].filter { $0 != " " }.split(separator: ".").prefix(2)
            if numbers.count == 2 { return number(numbers.joined(separator: ".")[...]) }
        }
        return nil
    }

    /// PEP 427: `Tag: cp311-cp311-manylinux…`. Wheels for the stable interface, and pure ones, fit later versions, too.
    private static func version(ofWheel bytes: [UInt8]) -> String? {
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        where line.hasPrefix("Tag:") {
            let tags = line.dropFirst(4).filter { $0 != " " }.split(separator: "-")
            guard tags.count >= 3, tags[1].hasPrefix("cp3") else { continue }
            return number("3.\(tags[1].dropFirst(3).prefix(while: \.isNumber))"[...])
        }
        return nil
    }

    /// `_speedups.cpython-311-x86_64-linux-gnu.so`.
    static func version(ofModule name: String) -> String? {
        guard let tag = name.split(separator: ".").first(where: { $0.hasPrefix("cpython-3") }) else { return nil }
        return number("3.\(tag.dropFirst("cpython-3".count).prefix(while: \.isNumber))"[...])
    }

    /// `3.11`, if `text` is that.
    static func number(_ text: Substring) -> String? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "3", !parts[1].isEmpty, parts[1].count <= 2, parts[1].allSatisfy(\.isNumber)
        else { return nil }
        return String(text)
    }
}

extension String {
    /// Everything before the last slash; empty if there is none.
    fileprivate var parent: String { lastIndex(of: "/").map { String(self[..<$0]) } ?? "" }
    fileprivate var lastComponent: String { lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self }
}
