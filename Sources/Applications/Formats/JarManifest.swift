import Archive
package import ByteIO

/// What `META-INF/MANIFEST.MF` says of how a Java archive is started.
package struct JarManifest: Hashable, Sendable {
    package let mainClass: String?
    /// The class that a Spring Boot archive's own loader starts.
    package let startClass: String?
    /// The libraries that belong to the archive, relative to it.
    package let classPath: [String]
    /// Whether it says something that Java reads only of an archive.
    package let isForArchive: Bool

    init(_ bytes: [UInt8]) {
        let section = JarSection(bytes)
        mainClass = section["Main-Class"]
        startClass = section["Start-Class"]
        isForArchive =
            section["Multi-Release"]?.lowercased() == "true"
            || ["Add-Exports", "Add-Opens", "Enable-Native-Access", "Launcher-Agent-Class"].contains {
                section[$0] != nil
            }
        classPath = section["Class-Path"]?.split(separator: " ").map(String.init) ?? []
    }
}

/// A Java archive: how it is started, and which Java it needs.
package struct JavaArchive: Hashable {
    package let manifest: JarManifest
    /// The Java version that its main class was compiled for; `nil` if that cannot be seen.
    let version: Int?

    /// `nil` if the file is not a zip archive, or has no readable manifest.
    package init?(_ path: FilePath) {
        guard let archive = ZipArchive(path), let entry = archive.entry(named: "META-INF/MANIFEST.MF"),
            let bytes = archive.content(of: entry)
        else { return nil }
        manifest = JarManifest(bytes)
        var places = [String]()
        if let start = manifest.startClass {
            let file = start.classFile
            places += ["BOOT-INF/classes/\(file)", "WEB-INF/classes/\(file)"]
        }
        if let main = manifest.mainClass { places.append(main.classFile) }
        var version: Int?
        for place in places where version == nil {
            version = archive.entry(named: place).flatMap { archive.content(of: $0) }.flatMap { ClassFile($0)?.version }
        }
        self.version = version
    }

    /// The Java version that the class `name` in the archive at `path` needs; `nil` if it is not there.
    static func version(of name: String, in path: FilePath) -> Int? {
        guard let archive = ZipArchive(path), let entry = archive.entry(named: name.classFile) else { return nil }
        return archive.content(of: entry).flatMap { ClassFile($0)?.version }
    }

    /// The Java version of the first class in the archive at `path`; `nil` if there is none.
    ///
    /// A build tool compiles all classes of an archive for the same version, but for those that say that they are for another.
    package static func anyVersion(in path: FilePath, below directory: String = "") -> Int? {
        guard let archive = ZipArchive(path) else { return nil }
        let entry = archive.entry { name in
            name.starts(with: directory.utf8) && name.suffix(6).elementsEqual(".class".utf8)
                && !name.starts(with: "META-INF/".utf8) && !name.suffix(17).elementsEqual("module-info.class".utf8)
        }
        return entry.flatMap { archive.content(of: $0) }.flatMap { ClassFile($0)?.version }
    }
}

extension String {
    /// Where the class of this name is in an archive or a directory of classes.
    var classFile: String { replacing(".", with: "/") + ".class" }
}
