/// The programs that Cargo makes of a package, or of the members of a workspace.
///
/// The Cargo Book, § Cargo Targets and § Workspaces. Of `Cargo.toml` only what names programs is read; a package that names them
/// in another way has its usual one here.
enum CargoPrograms {
    /// The most members of a workspace that are looked at.
    private static let mostMembers = 1000

    /// The names, sorted, of the source at `directory`.
    static func names(in directory: String, _ files: ProjectFiles) -> [String] {
        let manifest = Manifest(files.bytes(ImagePath.joined(directory, "Cargo.toml")) ?? [])
        var names = Set(programs(of: manifest, in: directory, files))
        for member in members(of: manifest, in: directory, files).prefix(mostMembers) {
            let manifest = Manifest(files.bytes(ImagePath.joined(member, "Cargo.toml")) ?? [])
            names.formUnion(programs(of: manifest, in: member, files))
        }
        return names.sorted()
    }

    private static func programs(of manifest: Manifest, in directory: String, _ files: ProjectFiles) -> [String] {
        func path(_ rest: String) -> String { ImagePath.joined(directory, rest) }
        guard manifest.findsPrograms else { return manifest.programs }
        var found = [("src/main.rs", manifest.package)]
        for name in files.names(path("src/bin")) {
            if name.hasSuffix(".rs") { found.append(("src/bin/\(name)", String(name.dropLast(3)))) }
            found.append(("src/bin/\(name)/main.rs", name))
        }
        return manifest.programs
            + found.compactMap { file, name in
                manifest.paths.contains(file) || !files.isFile(path(file)) ? nil : name
            }
    }

    /// Directories of a workspace's members: `crates/*` stands for all in `crates`.
    private static func members(of manifest: Manifest, in directory: String, _ files: ProjectFiles) -> [String] {
        manifest.members.flatMap { member -> [String] in
            guard member.hasSuffix("/*") else { return [ImagePath.joined(directory, member)] }
            let parent = ImagePath.joined(directory, String(member.dropLast(2)))
            return files.names(parent).map { ImagePath.joined(parent, $0) }
        }
    }

    /// What a `Cargo.toml` says of names.
    private struct Manifest {
        var package: String?
        var programs: [String] = []
        /// Files that `[[bin]]` gives names of their own.
        var paths: Set<String> = []
        /// Whether files in the usual places are programs as well.
        var findsPrograms = true
        var members: [String] = []

        init(_ bytes: [UInt8]) {
            var table = ""
            var isInMembers = false
            for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let text = line.drop { $0 == " " || $0 == "\t" }
                if isInMembers {
                    members += Self.strings(in: text)
                    isInMembers = !text.contains("]")
                    continue
                }
                if text.hasPrefix("[") {
                    table = String(text.prefix { $0 != "#" }.filter { !" \t".contains($0) })
                    continue
                }
                let key = text.prefix { $0 != "=" }.filter { !" \t".contains($0) }
                guard key.utf8.count < text.utf8.count else { continue }
                let value = text.drop { $0 != "=" }.dropFirst()
                switch (table, key) {
                case ("[package]", "name"): package = Self.strings(in: value).first
                case ("[[bin]]", "name"): programs += Self.strings(in: value).prefix(1)
                case ("[[bin]]", "path"): paths.formUnion(Self.strings(in: value).prefix(1))
                case ("[package]", "autobins"): findsPrograms = !value.contains("false")
                case ("[workspace]", "members"):
                    members += Self.strings(in: value)
                    isInMembers = !value.contains("]")
                default: continue
                }
            }
        }

        /// The texts between quotes, up to a comment.
        private static func strings(in text: Substring) -> [String] {
            var (found, rest) = ([String](), text)
            while let quote = rest.firstIndex(where: { "\"'#".contains($0) }), rest[quote] != "#" {
                let inside = rest[rest.index(after: quote)...]
                guard let end = inside.firstIndex(of: rest[quote]) else { break }
                found.append(String(inside[..<end]))
                rest = inside[inside.index(after: end)...]
            }
            return found
        }
    }
}
