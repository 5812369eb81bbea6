package import Diagnostics
import OCI

/// A software bill of materials of any maker, in the members that scanners take from it.
///
/// SPDX 2.3 and CycloneDX 1.6, both as JSON; older documents have the same members in the same places.
package struct ScannedDocument: Sendable {
    /// So large a document is read; that of an image with 100,000 packages has some 80 MB.
    package static let limit = 192 << 20

    package enum Format: String, Hashable, Sendable {
        case spdx = "SPDX"
        case cyclonedx = "CycloneDX"
    }

    /// Something that the document lists.
    struct Element: Sendable {
        enum Role: Hashable, Sendable {
            /// What the document is about.
            case root
            /// What trivy takes for the operating system.
            case system
            /// A package that a scanner could look up.
            case package
            /// An image, a file, a group of packages: not to be looked up.
            case other
        }

        var role: Role
        /// `SPDXID` or `bom-ref`; `nil` if absent.
        var id: String?
        /// With the group before it, as trivy has it.
        var name: String
        /// `nil` if absent or empty.
        var version: String?
        /// The component's type, or the package's purpose in lower case; `nil` if absent.
        var type: String?
        /// As written; `nil` if absent.
        var urlText: String?
        /// `nil` if absent or unreadable.
        var url: ReadPackageURL?
        var urlProblem: String?
        /// Whether trivy passes over the package URL because its category is not `PACKAGE-MANAGER`.
        var isURLMiscategorized = false
        var hasCPE = false
        /// Name of the source package in the form that trivy reads; `nil` if absent.
        var source: String?
        var hasSupplier = false
        /// Whether it is inside another component.
        var isNested = false

        /// What messages call it.
        var label: String { name.isEmpty ? (id ?? "").excerpt : name.excerpt }

        var isOfSystem: Bool { ["deb", "rpm", "apk"].contains(url?.type) }
    }

    /// One element relates to another.
    struct Edge: Hashable, Sendable {
        let from: String
        /// In SPDX's words; `DEPENDS_ON` for all of CycloneDX's.
        let type: String
        let to: String
    }

    package let format: Format
    /// Version of the format, such as `2.3`.
    package let version: String
    var elements: [Element] = []
    var edges: [Edge] = []
    /// Identifiers besides those of `elements` that may be named: the document's own, files, snippets, services.
    var otherIDs: [String] = []
    /// What breaks the specification, each a sentence without a full stop.
    var schemaProblems: [String] = []
    /// Identifiers that the format does not allow, and whether scanners refuse the document for one of them.
    var invalidIDs: [(id: String, refused: Bool)] = []
    /// What of author and date is missing, such as "the date".
    var missing: [String] = []
    /// Why it is not known what the document describes; `nil` if it is known.
    var rootProblem: String?

    init(_ format: Format, _ version: String) {
        self.format = format
        self.version = version
    }

    /// Reads a document; also one inside an in-toto statement, or in a DSSE envelope or a bundle around that.
    ///
    /// - Throws: `sbom.unreadable`, `json.malformed`, also for duplicate keys and more than 100 levels.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        guard bytes.count <= Self.limit else {
            throw Self.unreadable(name, "it has more than \(Self.limit >> 20) MB")
        }
        guard let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
            throw Self.unreadable(name, "it is empty")
        }
        guard first == UInt8(ascii: "{") else {
            throw Self.unreadable(
                name,
                first == UInt8(ascii: "<")
                    ? "it is XML"
                    : bytes.starts(with: "SPDXVersion".utf8) ? "it is SPDX's tag-value form" : "it is not JSON",
                hint: "export it as JSON, in SPDX 2.3 or CycloneDX 1.6"
            )
        }
        self = try Self.document(try JSON(parsing: bytes, named: name), named: name, depth: 0)
    }

    private static func document(_ json: JSON, named name: String, depth: Int) throws(Diagnostic) -> ScannedDocument {
        guard let object = json.objectValue else { throw unreadable(name, "it is not a JSON object") }
        if case .string(let version)? = object["spdxVersion"] { return ScannedDocument(spdx: object, version) }
        if object["bomFormat"]?.stringValue == "CycloneDX" || object["specVersion"] != nil {
            return ScannedDocument(cyclonedx: object)
        }
        // SPDX 3 is a graph of linked data.
        if object["@graph"] != nil, case .string(let context)? = object["@context"], context.contains("spdx") {
            return ScannedDocument(.spdx, "3.0")
        }
        if depth < 3 {
            if object["predicateType"] != nil, let predicate = object["predicate"] {
                return try document(predicate, named: name, depth: depth + 1)
            }
            if let envelope = object["dsseEnvelope"] { return try document(envelope, named: name, depth: depth + 1) }
            if object["payloadType"] != nil, let payload = object["payload"]?.stringValue {
                guard let bytes = Base64Text.decode(payload) else {
                    throw unreadable(name, "its payload is not base64")
                }
                return try document(try JSON(parsing: bytes, named: name), named: name, depth: depth + 1)
            }
        }
        throw unreadable(
            name,
            "it has neither `spdxVersion` nor `bomFormat`",
            hint: "name a document in SPDX 2.3 or CycloneDX 1.6, as JSON"
        )
    }

    private static func unreadable(_ name: String, _ reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .sbomUnreadable,
            "`\(name)` is not a software bill of materials that coracle reads",
            at: .file(path: name),
            because: reason,
            hint: hint
        )
    }
}

extension ScannedDocument.Element {
    /// Takes up a package URL.
    mutating func take(url text: String?) {
        guard let text, !text.isEmpty else { return }
        urlText = text
        do throws(ReadPackageURL.Problem) {
            url = try ReadPackageURL(parsing: text)
        } catch {
            urlProblem = error.reason
        }
    }
}

extension JSON {
    /// The text of a string that is not empty; `nil` for anything else.
    var text: String? { stringValue.flatMap { $0.isEmpty ? nil : $0 } }
}

extension Diagnostic.Code {
    package static let sbomUnreadable = Self("sbom.unreadable", .input)
}
