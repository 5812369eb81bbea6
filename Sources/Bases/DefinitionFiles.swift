import ByteIO
package import Diagnostics

/// The files with definitions of one suite, which can extend each other.
struct DefinitionFiles {
    struct File {
        let path: FilePath
        let bytes: [UInt8]
    }

    /// Longest chain of definitions, each of which extends the next.
    private static let longestChain = 16

    private let suite: DebianSuite
    /// The files of keys beside them, by their names.
    private let keys: [String: [UInt8]]
    /// Files that are there for `extends` only: coracle's own.
    private let others: [String: File]
    private(set) var files: [String: File] = [:]

    init(of suite: DebianSuite, beside keys: [String: [UInt8]] = [:], else others: [String: File] = [:]) {
        self.suite = suite
        self.keys = keys
        self.others = others
    }

    /// The names of the definitions, sorted.
    var names: [String] { files.keys.sorted() }

    mutating func add(_ bytes: [UInt8], at path: FilePath) {
        files[String(path.name.dropLast(5))] = File(path: path, bytes: bytes)
    }

    /// The definition, with what it inherits.
    ///
    /// - Throws: `yaml.…`; `base.extends-itself`.
    func definition(named name: String) throws(Diagnostic) -> BaseDefinition {
        guard let file = files[name] else { preconditionFailure("a definition that is not there") }
        return try parse(file, name, below: [])
    }

    private func parse(_ file: File, _ name: String, below chain: [FilePath]) throws(Diagnostic) -> BaseDefinition {
        let chain = chain + [file.path]
        return try BaseDefinition(
            parsing: file.bytes,
            named: name,
            of: suite,
            from: file.path.display,
            beside: keys
        ) { (parent) throws(Diagnostic) in
            // A definition with the name of one of coracle's own may extend that.
            guard let next = (parent == name ? nil : files[parent]) ?? others[parent] ?? files[parent] else {
                return nil
            }
            guard !chain.contains(next.path), chain.count < Self.longestChain else {
                throw Diagnostic(
                    .baseExtendsItself,
                    "the base `\(suite.name)/\(parent)` extends itself",
                    at: .file(path: next.path.display),
                    because: (chain + [next.path]).map(\.display).joined(separator: " extends ")
                )
            }
            return try parse(next, parent, below: chain)
        }
    }
}

extension Diagnostic.Code {
    package static let baseExtendsItself = Self("base.extends-itself", .input)
}
