package import ByteIO

/// The archives that the `Class-Path` of an archive names, and those that they name in turn.
///
/// JAR File Specification, § Class-Path Attribute: addresses relative to the archive that names them.
package struct JarLibraries {
    package struct Library: Hashable {
        /// Relative to the directory of the first archive, without `.` and `..`: `lib/a.jar`.
        package let name: String
        package let path: FilePath
    }

    /// The archives that are there, below the directory of the first archive, sorted by name.
    package private(set) var found: [Library] = []
    /// What the first archive names and what is not there, as it is named; what libraries name may be missing.
    package private(set) var absent: [String] = []
    /// What is there, and not below the directory of the first archive: as it is named.
    package private(set) var outside: [String] = []

    /// More archives are not looked at.
    private static let mostArchives = 4096

    /// - Parameter path: where `archive` is, without symlinks.
    package init(of archive: JavaArchive, at path: FilePath) {
        let root = path.directory
        var seen: Set<String> = [path.name]
        // The directories of archives relative to the first one's, and what they name there.
        var queue: [(directory: String, names: [String])] = [("", archive.manifest.libraries)]
        var number = 0
        while number < queue.count {
            let (directory, names) = queue[number]
            for named in names where seen.count < Self.mostArchives {
                guard let name = Self.normalized(directory.isEmpty ? named : "\(directory)/\(named)") else {
                    let isThere = (try? FileStatus(at: root.appending(named), following: true))?.kind == .regular
                    if number == 0 { if isThere { outside.append(named) } else { absent.append(named) } }
                    continue
                }
                guard seen.insert(name).inserted else { continue }
                guard let library = root.appending(name).resolved,
                    (try? FileStatus(at: library))?.kind == .regular
                else {
                    if number == 0 { absent.append(named) }
                    continue
                }
                found.append(Library(name: name, path: library))
                if let libraries = JavaArchive(library)?.manifest.libraries, !libraries.isEmpty {
                    queue.append((name.split(separator: "/").dropLast().joined(separator: "/"), libraries))
                }
            }
            number += 1
        }
        found.sort { $0.name < $1.name }
    }

    /// Without `.` and `..`; `nil` for what leads out of the directory.
    private static func normalized(_ name: String) -> String? {
        var parts = [Substring]()
        for part in name.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }
}

extension JarManifest {
    /// What of `classPath` are archives beside this one: relative paths, of which directories and other addresses are left out.
    var libraries: [String] {
        classPath.compactMap { address in
            let isRelative = !address.hasPrefix("/") && !address.contains(":") && !address.hasSuffix("/")
            return isRelative && address != "." && address != ".." ? Self.decoded(address) : nil
        }
    }

    /// RFC 3986, § 2.1: `%20` is a space. Other text stays as it is.
    private static func decoded(_ address: String) -> String {
        guard address.contains("%") else { return address }
        let bytes = Array(address.utf8)
        var decoded = [UInt8]()
        var index = 0
        while index < bytes.count {
            let digits = bytes[index...].dropFirst().prefix(2)
            if bytes[index] == UInt8(ascii: "%"), digits.count == 2,
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

extension RecognizedApplication.Problem {
    /// Libraries that an archive names and that the image would not have; `nil` if there are none.
    ///
    /// - Parameter place: where the archive is in the image.
    package static func absent(_ libraries: [String], of archive: String, at place: String) -> RecognizedApplication
        .Problem?
    {
        guard let first = libraries.first else { return nil }
        let others = libraries.count > 1 ? " and \(libraries.count - 1) more" : ""
        return RecognizedApplication.Problem(
            summary:
                "`Class-Path` of `\(archive)` names `\(first)`\(others), which \(libraries.count > 1 ? "are" : "is") not there",
            reason:
                "Java passes over it without a word, and ends in `NoClassDefFoundError` where a class of it is needed",
            hint: "put it where the archive names it, relative to the archive's directory, as "
                + "`mvn dependency:copy-dependencies -DoutputDirectory=target/lib` does for `lib/`; if the program "
                + "does without, say what starts: \(EntrypointText(["java", "-jar", place]))"
        )
    }
}
