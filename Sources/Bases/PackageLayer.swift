import Diagnostics
import Layers
import OCI

/// A package as a layer, with the facts that are needed without reading it again.
struct PackageLayer: Hashable, Sendable {
    /// The content of a path, as far as two packages must agree on it.
    enum Kind: Hashable, Sendable {
        case directory
        /// The content's digest, in hexadecimal digits.
        case file(String)
        case symlink(String)
    }

    struct File: Hashable, Sendable {
        /// The path without a leading slash; bytes that are not UTF-8 are shown as `\xNN`.
        let path: String
        let kind: Kind
    }

    let layer: WrittenLayer
    let files: [File]
    /// The scripts that Debian would run when it installs the package.
    let scripts: [String]
    /// Files that lost a setuid or setgid bit.
    let stripped: [String]
    /// The loader's names of libraries in its directories, by their paths; an empty name for a library without one.
    let libraries: [String: String]
    /// `nil` for one of Debian's packages.
    let installed: InstalledPackage?
    /// The libraries that its files need, each with the first file that does.
    let needs: [String: String]
}

// MARK: - The form in the cache

extension PackageLayer {
    var json: JSON {
        var object = JSONObject()
        object["layer"] = layer.descriptor.json
        object["diffID"] = .string(layer.diffID.description)
        object["size"] = .int(layer.uncompressedSize)
        object["scripts"] = .array(scripts.map(JSON.string))
        object["stripped"] = .array(stripped.map(JSON.string))
        var names = JSONObject()
        for path in libraries.keys.sorted() { names[path] = libraries[path].map(JSON.string) }
        object["libraries"] = .object(names)
        object["installed"] = installed.map(\.json)
        var needs = JSONObject()
        for library in self.needs.keys.sorted() { needs[library] = self.needs[library].map(JSON.string) }
        object["needs"] = .object(needs)
        object["files"] = .array(
            files.map { file in
                switch file.kind {
                case .directory: .array([.string(file.path)])
                case .file(let digest): .array([.string(file.path), "file", .string(digest)])
                case .symlink(let target): .array([.string(file.path), "symlink", .string(target)])
                }
            }
        )
        return .object(object)
    }

    init(_ json: JSON, named name: String) throws(Diagnostic) {
        let reader = JSONReader(json, named: name)
        layer = WrittenLayer(
            descriptor: try Descriptor(reader.member("layer").value, named: name),
            diffID: DiffID(try reader.member("diffID").digest()),
            uncompressedSize: try reader.member("size").int()
        )
        scripts = try reader.member("scripts").strings()
        stripped = try reader.member("stripped").strings()
        var libraries: [String: String] = [:]
        let names = try reader.member("libraries")
        for path in try names.object().keys { libraries[path] = try names.member(path).string() }
        self.libraries = libraries
        installed = try reader.optional("installed").map { (reader) throws(Diagnostic) in try InstalledPackage(reader) }
        var needs: [String: String] = [:]
        let written = try reader.member("needs")
        for library in try written.object().keys { needs[library] = try written.member(library).string() }
        self.needs = needs
        var files = [File]()
        for element in try reader.member("files").array() {
            let words = try element.strings()
            switch (words.count, words.count == 3 ? words[1] : "") {
            case (1, _): files.append(File(path: words[0], kind: .directory))
            case (3, "file"): files.append(File(path: words[0], kind: .file(words[2])))
            case (3, "symlink"): files.append(File(path: words[0], kind: .symlink(words[2])))
            default: throw element.malformed("it is not a file")
            }
        }
        self.files = files
    }
}
