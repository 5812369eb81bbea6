package import Inventory
import OCI

/// The two documents of an inventory.
package enum SBOMFormat: String, CaseIterable, Hashable, Sendable {
    /// SPDX 2.3, as JSON.
    case spdx
    /// CycloneDX 1.6, as JSON.
    case cyclonedx

    package var mediaType: String {
        switch self {
        case .spdx: "application/spdx+json"
        case .cyclonedx: "application/vnd.cyclonedx+json"
        }
    }
}

/// A document of what is in an image. The same inventory gives the same bytes on every machine.
package struct SBOMDocument: Hashable, Sendable {
    package let format: SBOMFormat
    /// The text, in order: one of 30,000 files has tens of megabytes.
    package let pieces: [[UInt8]]

    /// The whole text.
    package var bytes: [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { bytes += piece }
        return bytes
    }

    /// - Parameter version: coracle's own.
    package init(_ inventory: Inventory, of subject: SBOMSubject, as format: SBOMFormat, by version: String) {
        self.format = format
        pieces =
            switch format {
            case .spdx: SPDXWriter(inventory, subject, "coracle-\(version)").document()
            case .cyclonedx: CycloneDXWriter(inventory, subject, version).document()
            }
    }
}

extension [[UInt8]] {
    /// Digest of all pieces together.
    var digest: Digest {
        var hasher = SHA256Hasher()
        for piece in self { piece.withUnsafeBytes { hasher.update($0) } }
        return hasher.finalize()
    }

    /// Puts `text` behind `mark`, which is in the first piece, and ends the document with a line feed.
    mutating func complete(after mark: String, with text: String) {
        guard let place = first?.firstRange(of: [UInt8](mark.utf8))?.upperBound else {
            preconditionFailure("it was just written")
        }
        self[0].insert(contentsOf: text.utf8, at: place)
        self[count - 1].append(UInt8(ascii: "\n"))
    }
}

extension Component {
    /// Whether it is the program itself and its records do not say who gives it out: then that is who gives out the image.
    var isOwn: Bool { role == .mainModule && supplier == nil }

    /// Whether it hangs directly on the image: nothing else in the image is said to have brought it.
    func standsAlone(_ needed: Set<Component.Key>) -> Bool {
        switch role {
        case .system: false
        case .installed, .mainModule, .data: true
        case .compiled: !needed.contains(key)
        }
    }
}

extension Inventory {
    /// What is compiled into something that says so.
    var compiledInto: Set<Component.Key> {
        components.reduce(into: []) { needed, component in
            if component.role == .mainModule { needed.formUnion(component.dependencies) }
        }
    }

    /// The version of what files are made of that are not in an image yet; `nil` if they are several things, or none.
    var ownVersion: String? {
        let own = components.filter { $0.role == .mainModule && !$0.version.isEmpty }
        return own.count == 1 ? own[0].version : nil
    }

    /// The system, if it is one of packages; images that coracle makes from nothing say what they are, and have none.
    var system: Distribution? {
        guard let distribution, distribution.id != Distribution.own else { return nil }
        return distribution
    }
}

extension Component.Supplier {
    var name: String {
        switch self {
        case .organization(let name), .person(let name): name
        }
    }
}

extension String {
    /// One line without control characters, and without brackets, which SPDX keeps for addresses.
    var plainName: String {
        // Nearly all are plain already.
        var isSpace = true
        let isPlain = utf8.allSatisfy { byte in
            let wasSpace = isSpace
            isSpace = byte == UInt8(ascii: " ")
            return byte >= 0x20 && byte < 0x7F && !(isSpace && wasSpace) && byte != UInt8(ascii: "(")
                && byte != UInt8(ascii: ")")
        }
        if isPlain, !isSpace { return self }
        let words = split { character in
            character == " " || character.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        }
        return words.joined(separator: " ").filter { !"()".contains($0) }.trimmingSpaces
    }

    private var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
