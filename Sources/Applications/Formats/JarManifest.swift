package import ByteIO

/// What `META-INF/MANIFEST.MF` says of how a Java archive is started.
package struct JarManifest: Hashable, Sendable {
    package let mainClass: String?
    /// The class that a Spring Boot archive's own loader starts.
    let startClass: String?

    /// JAR File Specification, § JAR Manifest: lines of `Name: value`, at most 72 bytes long; a space at the beginning goes
    /// on with the line before.
    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        // The main section ends at the first empty line.
        var section = [String]()
        for line in lines.prefix(while: { !$0.isEmpty }) {
            if line.hasPrefix(" "), !section.isEmpty {
                section[section.count - 1] += line.dropFirst()
            } else {
                section.append(String(line))
            }
        }
        func value(_ name: String) -> String? {
            let line = section.first { $0.lowercased().hasPrefix("\(name):") }
            let value = line?.dropFirst(name.count + 1).filter { $0 != " " } ?? ""
            return value.isEmpty ? nil : value
        }
        mainClass = value("main-class")
        startClass = value("start-class")
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
            let file = start.replacing(".", with: "/") + ".class"
            places += ["BOOT-INF/classes/\(file)", "WEB-INF/classes/\(file)"]
        }
        if let main = manifest.mainClass { places.append(main.replacing(".", with: "/") + ".class") }
        var version: Int?
        for place in places where version == nil {
            version = archive.entry(named: place).flatMap { archive.content(of: $0) }.flatMap { ClassFile($0)?.version }
        }
        self.version = version
    }
}
