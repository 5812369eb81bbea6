package import OCI

/// The platform in a file's name, as toolchains and release programs write it: `server-linux-amd64`, `server_linux_arm64_v8.0`.
package enum PlatformName {
    private static let words: Set<String> = [
        "linux", "unknown", "gnu", "musl", "static", "amd64", "x86_64", "x64", "arm64", "aarch64", "armhf", "arm",
        "armv5", "armv6", "armv7", "v5", "v6", "v7", "v8", "386", "i386", "i686", "ppc64le", "s390x", "riscv64",
        "loong64",
    ]
    private static let ends = ["-", "_", "."].flatMap { separator in words.sorted().map { separator + $0 } }

    /// `name` without the words at its end that name a platform.
    package static func stem(of name: String) -> String {
        var stem = name[...]
        while let end = ends.first(where: { stem.lowercased().hasSuffix($0) && stem.count > $0.count }) {
            stem = stem.dropLast(end.count)
        }
        return String(stem)
    }

    /// Processors by their names, as an image says them.
    private static let processors: [Substring: (architecture: String, variant: String?)] = [
        "amd64": ("amd64", nil), "x64": ("amd64", nil), "arm64": ("arm64", nil), "aarch64": ("arm64", nil),
        "armhf": ("arm", "v7"), "armv7": ("arm", "v7"), "armv6": ("arm", "v6"), "armv5": ("arm", "v5"),
        "386": ("386", nil), "i386": ("386", nil), "i686": ("386", nil), "ppc64le": ("ppc64le", nil),
        "s390x": ("s390x", nil), "riscv64": ("riscv64", nil), "loong64": ("loong64", nil),
    ]
    private static let armVersions: [Substring: String] = [
        "5": "v5", "v5": "v5", "6": "v6", "v6": "v6", "7": "v7", "v7": "v7",
    ]

    /// The platform that `name` names last; `nil` if it names none.
    package static func platform(in name: String) -> Platform? {
        let parts = name.lowercased().replacing("x86_64", with: "amd64").replacing("x86-64", with: "amd64")
            .split { "-_.+@".contains($0) }
        for (index, part) in parts.enumerated().reversed() {
            if let (architecture, variant) = processors[part] {
                return Platform(os: "linux", architecture: architecture, variant: variant)
            }
            // `arm_7`, as release programs have it; `arm` alone may be a word of any name.
            if part == "arm", index + 1 < parts.count, let variant = armVersions[parts[index + 1]] {
                return Platform(os: "linux", architecture: "arm", variant: variant)
            }
        }
        return nil
    }

    /// Whether `name` consists of words that name a platform, and of nothing else.
    package static func isAll(_ name: String) -> Bool {
        let parts = name.lowercased().replacing("x86_64", with: "amd64").split { "-_.+@".contains($0) }
        return !parts.isEmpty && parts.allSatisfy { words.contains(String($0)) || ["v1", "v2", "v3"].contains($0) }
    }
}

extension Program {
    /// What each program is called in its image: the name without the platform, where all have the same one then.
    ///
    /// `server-linux-amd64` and `server-linux-arm64` are both `server`.
    package static func commonNames(of programs: [Program]) -> [String] {
        let names = programs.map(\.name)
        guard programs.count > 1 else { return names }
        let stems = Set(names.map(PlatformName.stem))
        guard stems.count == 1, let stem = stems.first else { return names }
        return names.map { _ in stem }
    }
}
