import Archive
package import Diagnostics
package import Findings
import Layers
import OCI

/// Packages of Maven: `pom.properties`, the manifest or the name of each Java archive, and of each archive inside it.
package enum JavaArchiveReader: PackageReader {
    private static let suffixes = [".jar", ".war", ".ear"].map { Array($0.utf8) }

    package static func isRecord(_ entry: RootEntry) -> Bool { isArchive(entry.path.name) }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        for record in records {
            // Anything else that is called so, such as the text of a placeholder.
            guard record.size > 22, try root.bytes(of: record, at: 0, count: 2)?.starts(with: [0x50, 0x4B]) == true
            else { continue }
            var reading = Reading()
            let bytes = RecordBytes(root: root, record: record)
            let own = reading.read(bytes, named: Array(record.path.name), inside: "", depth: 0)
            for component in reading.components { draft.add(component, at: record.path) }
            if let own { draft.add(reading.components.map(\.key), to: own) }
            if let problem = reading.problem {
                draft.remark(
                    .inventoryRecordMalformed,
                    "a Java archive cannot be read to its end",
                    record.path,
                    because: problem
                )
            }
        }
    }

    static func isArchive(_ name: some Collection<UInt8>) -> Bool {
        suffixes.contains { name.count > $0.count && name.suffix($0.count).elementsEqual($0) }
    }

    /// One archive of the image with those inside it, under one limit.
    private struct Reading {
        /// Bytes that are decompressed, of all archives inside one together; Spring Boot stores its own as they are.
        private static let mostInside = 512 << 20
        /// In bytes: a compressed archive inside another is held in memory.
        private static let largestInside = 128 << 20
        private static let mostArchives = 5000
        private static let deepest = 4
        /// `pom.properties` and manifests are small.
        private static let recordLimit = 256 << 10
        /// In bytes, of all archives inside one together: files of an archive may share their bytes, and so be many times as
        /// large as it is.
        private static let mostRecords = 32 << 20
        private static let mostDirectories = 128 << 20

        var components: [Component] = []
        /// Why something may be missing; `nil` if all was read.
        var problem: String?
        private var inside = 0
        private var records = 0
        private var directories = 0
        private var archives = 0

        /// Reads an archive; returns the component that it is itself, if its records say so.
        ///
        /// - Parameter path: of the archives that it is in, each with a slash behind it.
        mutating func read<Bytes: PlacedBytes>(
            _ bytes: Bytes,
            named name: [UInt8],
            inside path: String,
            depth: Int
        ) -> Component.Key? {
            archives += 1
            guard archives <= Self.mostArchives else {
                problem = "it has more than \(Self.mostArchives) archives inside it"
                return nil
            }
            guard directories < Self.mostDirectories else {
                problem = "the directories of archives in it have more than \(Self.mostDirectories >> 20) MB together"
                return nil
            }
            guard let archive = ZipArchive(bytes, directoryLimit: Self.mostDirectories - directories) else {
                problem = problem ?? "\(path.isEmpty ? "it" : "`\(path)`") is not a zip archive"
                return nil
            }
            directories += archive.directorySize
            var records = [ZipArchive<Bytes>.Entry]()
            var manifest: ZipArchive<Bytes>.Entry?
            var nested = [(name: [UInt8], entry: ZipArchive<Bytes>.Entry)]()
            archive.forEach { name, entry in
                if name.elementsEqual("META-INF/MANIFEST.MF".utf8) {
                    manifest = entry
                } else if name.starts(with: "META-INF/maven/".utf8),
                    name.suffix(15).elementsEqual("/pom.properties".utf8)
                {
                    records.append(entry)
                } else if JavaArchiveReader.isArchive(name) {
                    nested.append((Array(name), entry))
                }
                return records.count < 10_000 && nested.count < Self.mostArchives
            }
            let file = FileName(name)
            var own: Component.Key?
            let poms = records.compactMap { record(archive, $0) }.compactMap(PomProperties.init)
            for pom in poms {
                let component = pom.component(in: path)
                components.append(component)
                // Others were put into the archive by a build tool, and have their records still.
                if poms.count == 1 || pom.artifact == file.artifact { own = component.key }
            }
            if own == nil, poms.isEmpty {
                let section = manifest.flatMap { record(archive, $0) }.map(JarSection.init)
                if let component = file.component(section, in: path) {
                    components.append(component)
                    own = component.key
                }
            }
            for (name, entry) in nested {
                let label = "\(path)\(String(decoding: name, as: UTF8.self).excerpt)"
                guard depth < Self.deepest else {
                    problem = "archives inside archives are read to the depth of \(Self.deepest) only"
                    break
                }
                if entry.isStored, let start = archive.start(of: entry), start >= 0, start <= bytes.size {
                    let part = PartBytes(whole: bytes, start: start, size: min(Int64(entry.size), bytes.size - start))
                    _ = read(any: part, named: name, inside: "\(label)/", depth: depth + 1)
                    continue
                }
                inside += entry.size
                guard inside <= Self.mostInside else {
                    problem = "the archives inside it have more than \(Self.mostInside >> 20) MB together"
                    return own
                }
                guard let content = archive.content(of: entry, upTo: Self.largestInside) else {
                    problem = problem ?? "`\(label)` inside it cannot be decompressed"
                    continue
                }
                _ = read(any: SliceBytes(content[...]), named: name, inside: "\(label)/", depth: depth + 1)
            }
            return own
        }

        /// The content of a small file; `nil` if it is not small, or if there were too many.
        private mutating func record<Bytes: PlacedBytes>(
            _ archive: borrowing ZipArchive<Bytes>,
            _ entry: ZipArchive<Bytes>.Entry
        ) -> [UInt8]? {
            guard entry.size <= Self.recordLimit else { return nil }
            records += entry.size
            guard records <= Self.mostRecords else {
                problem = "the records in it have more than \(Self.mostRecords >> 20) MB together"
                return nil
            }
            return archive.content(of: entry, upTo: Self.recordLimit)
        }

        /// Ends the nesting of types, which would otherwise have no end.
        private mutating func read(
            any bytes: any PlacedBytes,
            named name: [UInt8],
            inside path: String,
            depth: Int
        ) -> Component.Key? {
            read(AnyBytes(bytes: bytes), named: name, inside: path, depth: depth)
        }
    }

    private struct RecordBytes<Root: ImageRoot>: PlacedBytes {
        let root: Root
        let record: RootEntry

        var size: Int64 { record.size }

        func bytes(from offset: Int64, count: Int) -> [UInt8]? {
            guard offset >= 0, offset <= size else { return nil }
            return (try? root.bytes(of: record, at: offset, count: Int(min(Int64(count), size - offset)))) ?? nil
        }
    }

    /// An archive that stands in another one as it is.
    private struct PartBytes: PlacedBytes {
        let whole: any PlacedBytes
        let start: Int64
        let size: Int64

        func bytes(from offset: Int64, count: Int) -> [UInt8]? {
            guard offset >= 0, offset <= size else { return nil }
            return whole.bytes(from: start + offset, count: Int(min(Int64(count), size - offset)))
        }
    }

    private struct AnyBytes: PlacedBytes {
        let bytes: any PlacedBytes

        var size: Int64 { bytes.size }
        func bytes(from offset: Int64, count: Int) -> [UInt8]? { bytes.bytes(from: offset, count: count) }
    }

    /// What Maven writes into `META-INF/maven/GROUP/ARTIFACT/pom.properties`.
    private struct PomProperties {
        let group: String
        let artifact: String
        let version: String

        /// `nil` if it lacks one of them, or if one is not resolved.
        init?(_ bytes: [UInt8]) {
            var values = [Substring: String]()
            for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
                guard !line.hasPrefix("#"), let equals = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
                    continue
                }
                let key = line[..<equals].filter { $0 != " " }
                values[key[...]] = line[line.index(after: equals)...].filter { $0 != " " && $0 != "\t" }
            }
            guard let group = values["groupId"], let artifact = values["artifactId"], let version = values["version"],
                [group, artifact, version].allSatisfy({ PackageName.isPlausible($0) && !$0.contains("${") })
            else { return nil }
            (self.group, self.artifact, self.version) = (group, artifact, version)
        }

        func component(in path: String) -> Component {
            JavaArchiveReader.component(group, artifact, version, in: path)
        }
    }

    /// `NAME-VERSION.jar`, as build tools call archives.
    private struct FileName {
        let artifact: String
        /// `nil` if the name has none.
        let version: String?

        init(_ name: [UInt8]) {
            let last = name.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
            let stem = String(decoding: last.dropLast(4), as: UTF8.self)
            // The version begins at the first hyphen with a digit behind it.
            var (artifact, version) = (stem, String?.none)
            for index in stem.indices where stem[index] == "-" {
                let rest = stem[stem.index(after: index)...]
                if index > stem.startIndex, rest.first?.isASCII == true, rest.first?.isNumber == true {
                    (artifact, version) = (String(stem[..<index]), String(rest))
                    break
                }
            }
            (self.artifact, self.version) = (artifact, version)
        }

        /// By the archive's name, and by its manifest where that says more; `nil` if neither has a version.
        func component(_ section: JarSection?, in path: String) -> Component? {
            let version = version ?? section?["Implementation-Version"] ?? section?["Bundle-Version"]
            guard let version, PackageName.isPlausible(version), PackageName.isPlausible(artifact) else { return nil }
            let group = section?["Implementation-Vendor-Id"].flatMap { PackageName.isPlausible($0) ? $0 : nil }
            var component = JavaArchiveReader.component(group, artifact, version, in: path)
            component.properties["java.found-by"] = "the name of the archive"
            if let vendor = section?["Implementation-Vendor"] ?? section?["Bundle-Vendor"], component.supplier == nil {
                component.supplier = .organization(vendor)
            }
            return component
        }
    }

    private static func component(_ group: String?, _ artifact: String, _ version: String, in path: String) -> Component
    {
        let url = PackageURL("maven", namespace: group ?? "", name: artifact, version: version)
        var component = Component(artifact, version, url, as: .installed)
        component.group = group
        if let group { component.supplier = .organization(group) }
        if !path.isEmpty { component.properties["java.archive"] = String(path.dropLast()) }
        return component
    }
}
