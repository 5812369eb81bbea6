import Applications
import Archive
import ByteIO
import Diagnostics
import Glibc

/// What a build tool of Java has made, laid out as jib does it, so that each part is a layer: libraries, those that change
/// from build to build, resources, and classes.
struct JavaLayout {
    static let libraries = "libs"
    /// Snapshots, and the project's own other archives.
    static let snapshots = "snapshot-libs"
    static let resources = "resources"
    static let classes = "classes"

    /// An archive with more, or with larger files, stays an archive.
    private static let mostFiles = 50_000
    private static let largestFile = 256 << 20
    private static let mostBytes = 2 << 30
    private static let largestDirectory = 32 << 20

    /// Exists.
    let output: FilePath
    /// Names of archives that the project itself makes.
    let own: Set<String>

    /// Whether the library called `name` changes although its version does not.
    func isSnapshot(_ name: String) -> Bool { name.contains("-SNAPSHOT") || own.contains(name) }

    /// Copies libraries to where they are looked for.
    func add(_ paths: [FilePath]) throws(SystemError) {
        for path in paths {
            let name = isSnapshot(path.name) ? Self.snapshots : Self.libraries
            try TreeCopy.make(of: path, at: try directory(name).appending(path.name))
        }
    }

    /// Writes the classes and the resources of `archive`, and the libraries that a Spring Boot archive has in it.
    ///
    /// - Parameter isStarted: whether something else names the class that starts, and the archive need not.
    /// - Returns: whether it was done; if not, the archive has to be taken as it is, and nothing was written.
    func unpack(_ archive: FilePath, isStarted: Bool = false) -> Bool {
        guard let manifest = JavaArchive(archive)?.manifest, manifest.mainClass != nil || isStarted,
            !manifest.isForArchive,
            let zip = Self.open(archive), zip.directorySize < Self.largestDirectory
        else { return false }
        var files = [(place: String, entry: ZipArchive<FileBytes>.Entry)]()
        var (seen, size, projects, isFit) = (Set<String>(), 0, 0, true)
        zip.forEach { bytes, entry in
            guard let name = String(validating: bytes, as: UTF8.self) else {
                isFit = false
                return false
            }
            if name.hasSuffix("/") { return true }
            let upper = name.uppercased()
            // What is signed is an archive; one that was made of several has their descriptions.
            if upper.hasPrefix("META-INF/"), upper.hasSuffix(".SF") { isFit = false }
            if name.hasPrefix("META-INF/maven/"), name.hasSuffix("/pom.xml") { projects += 1 }
            guard let place = place(of: name, isBoot: manifest.startClass != nil) else { return isFit }
            let (total, isTooMuch) = size.addingReportingOverflow(entry.size)
            size = total
            isFit =
                isFit && !isTooMuch && size <= Self.mostBytes && entry.size <= Self.largestFile && projects < 2
                && files.count < Self.mostFiles && Self.isPlain(place) && seen.insert(place).inserted
            files.append((place, entry))
            return isFit
        }
        guard isFit, !files.isEmpty else { return false }
        for (place, entry) in files {
            let content = entry.size == 0 ? [] : zip.content(of: entry, upTo: Self.largestFile)
            // A name may be that of a file and of a directory.
            guard let content, (try? write(content, at: place)) != nil else {
                for name in [Self.classes, Self.resources, Self.libraries, Self.snapshots] {
                    deleteTree(output.appending(name))
                }
                return false
            }
        }
        return true
    }

    private func write(_ content: [UInt8], at place: String) throws(SystemError) {
        _ = try directory(place.split(separator: "/").dropLast().joined(separator: "/"))
        let path = output.appending(place)
        try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644).write(content)
    }

    private static func open(_ path: FilePath) -> ZipArchive<FileBytes>? {
        guard let file = FileBytes(path) else { return nil }
        return ZipArchive(file, directoryLimit: largestDirectory)
    }

    /// Where a file of an archive goes; `nil` for what is not needed outside of one.
    private func place(of name: String, isBoot: Bool) -> String? {
        var rest = name[...]
        if isBoot {
            if name.hasPrefix("BOOT-INF/lib/") {
                let library = String(name.dropFirst("BOOT-INF/lib/".count))
                return "\(isSnapshot(library) ? Self.snapshots : Self.libraries)/\(library)"
            }
            if name.hasPrefix("BOOT-INF/classes/") {
                rest = name.dropFirst("BOOT-INF/classes/".count)
            } else if !name.hasPrefix("META-INF/") {
                // Boot's own loader, and its lists of what is in the archive.
                return nil
            }
        }
        return "\(rest.hasSuffix(".class") ? Self.classes : Self.resources)/\(rest)"
    }

    /// Whether every part of it is a name.
    private static func isPlain(_ place: String) -> Bool {
        !place.utf8.contains(0)
            && place.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255
            }
    }

    /// Makes the directory at `place` and those that it is in.
    private func directory(_ place: String) throws(SystemError) -> FilePath {
        var path = output
        for part in place.split(separator: "/") {
            path = path.appending(String(part))
            guard path.withCString({ mkdir($0, 0o755) }) == 0 || errno == EEXIST else { throw .last }
        }
        return path
    }

    // MARK: Gradle

    /// Lays out what `installDist` has made, a copy of which is `output`: its script names the new places.
    func arrange() throws(SystemError) {
        let programs = output.appending("bin")
        let names = ((try? directoryEntries(of: programs)) ?? []).map { String(decoding: $0, as: UTF8.self) }
        let scripts = names.filter { !$0.hasSuffix(".bat") }
        // Several scripts have a class path each.
        guard scripts.count == 1, let name = scripts.first,
            let bytes = try? OpenFile.content(of: programs.appending(name), limit: 4 << 20),
            var text = String(validating: bytes, as: UTF8.self)
        else { return }
        let folder = output.appending("lib")
        let libraries = ((try? directoryEntries(of: folder)) ?? []).map { String(decoding: $0, as: UTF8.self) }
        let start = "CLASSPATH=$APP_HOME/lib/"
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(start) }) else { return }
        let first = String(line.dropFirst(start.count).prefix { $0 != ":" })
        guard libraries.contains(first), isSnapshot(first), unpack(folder.appending(first), isStarted: true) else {
            return
        }
        let classes = "$APP_HOME/\(Self.resources):$APP_HOME/\(Self.classes)"
        text = Self.replaced(text, "$APP_HOME/lib/\(first)", with: classes)
        for library in libraries.sorted() where isSnapshot(library) {
            let path = folder.appending(library)
            if library != first {
                try TreeCopy.make(of: path, at: try directory(Self.snapshots).appending(library))
                text = Self.replaced(text, "$APP_HOME/lib/\(library)", with: "$APP_HOME/\(Self.snapshots)/\(library)")
            }
            guard path.withCString({ unlink($0) }) == 0 else { throw .last }
        }
        _ = folder.withCString { rmdir($0) }
        try OpenFile(programs.appending(name), O_WRONLY | O_TRUNC | O_NOFOLLOW).write(Array(text.utf8))
        // What is for Windows names the old places.
        for other in names where other.hasSuffix(".bat") { _ = programs.appending(other).withCString { unlink($0) } }
    }

    /// The script's class path with a new entry in the place of `entry`, which other entries may begin with.
    private static func replaced(_ text: String, _ entry: String, with other: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard line.hasPrefix("CLASSPATH=") else { return String(line) }
            let entries = line.dropFirst("CLASSPATH=".count).split(separator: ":").map {
                $0 == entry ? other : String($0)
            }
            return "CLASSPATH=" + entries.joined(separator: ":")
        }.joined(separator: "\n")
    }
}
