package import Diagnostics
package import Findings
package import Layers
package import OCI

/// An inventory while it is taken.
package struct InventoryDraft {
    /// More components are not listed; the largest images have 30,000.
    private static let most = 500_000
    /// More problems are not listed one by one.
    private static let mostRemarks = 100

    private var components: [Component.Key: Component] = [:]
    private let layer: (EntryPath) -> DiffID?
    private var reasons = Set<String>()
    private var hasMoreGaps = false
    package private(set) var notes = [Diagnostic]()
    /// Those of the image's system, as soon as they are read.
    package internal(set) var distribution: Inventory.Distribution?

    /// - Parameter layer: the layer with a file; `nil` if it is not known.
    package init(layer: @escaping (EntryPath) -> DiffID? = { _ in nil }) { self.layer = layer }

    /// Adds `component`, which was found in the file `path`.
    package mutating func add(_ component: Component, at path: EntryPath) {
        var component = component
        component.occurrences.insert(Component.Occurrence(path, in: layer(path)))
        addFinished(component)
    }

    /// Adds a component that knows already where it was found.
    mutating func addFinished(_ component: Component) {
        if let index = components.index(forKey: component.key) {
            components.values[index].merge(component)
        } else if components.count < Self.most {
            components[component.key] = component
        } else {
            reasons.insert("it has more than \(Self.most) packages")
        }
    }

    /// Adds an edge: what `key` needs.
    package mutating func add(_ dependencies: some Sequence<Component.Key>, to key: Component.Key) {
        components[key]?.dependencies.formUnion(dependencies)
    }

    /// Notes that `record` was passed over, and that packages may be missing for it.
    package mutating func remark(
        _ code: Diagnostic.Code,
        _ summary: String,
        _ record: EntryPath,
        because reason: String
    ) {
        addGap("`\(record)` could not be used: \(reason)")
        guard notes.count < Self.mostRemarks else { return }
        notes.append(Diagnostic(code, summary, at: .file(path: record.description), because: reason))
    }

    /// Notes that packages may be missing; `reason` is a sentence without a full stop.
    package mutating func addGap(_ reason: String) {
        if reasons.count < Self.mostRemarks || reasons.contains(reason) {
            reasons.insert(reason)
        } else {
            hasMoreGaps = true
        }
    }

    /// Why something may be missing, sorted.
    var gaps: [String] { (reasons.union(hasMoreGaps ? ["there are more reasons than are listed"] : [])).sorted() }

    /// The bytes of `record`; `nil` if there are more than `limit`, which is noted, or if they are not available.
    ///
    /// - Throws: what keeps the image from being read.
    package mutating func bytes(
        of record: RootEntry,
        in root: some ImageRoot,
        upTo limit: Int64
    ) throws(Diagnostic) -> [UInt8]? {
        guard record.size <= limit else {
            remark(
                .inventoryRecordTooLarge,
                "a record of packages is too large to be read",
                record.path,
                because: "it has \(record.size) bytes, and at most \(limit) are read"
            )
            return nil
        }
        guard record.size > 0 else { return [] }
        guard let bytes = try root.bytes(of: record, at: 0, count: Int(record.size)) else {
            addGap("the content of `\(record.path)` is not available")
            return nil
        }
        return bytes
    }

    /// The components, sorted by key, without edges that lead nowhere.
    package var finished: [Component] {
        components.values.map { component in
            var component = component
            // A look-up that copies a component costs more than all else.
            component.dependencies = component.dependencies.filter {
                $0 != component.key && components.index(forKey: $0) != nil
            }
            return component
        }
        .sorted { $0.key < $1.key }
    }
}

extension Diagnostic.Code {
    /// A record of packages cannot be parsed.
    package static let inventoryRecordMalformed = Self("inventory.record-malformed", .verification)
    /// A record of packages is larger than any real one.
    package static let inventoryRecordTooLarge = Self("inventory.record-too-large", .verification)
    /// A record names another package than the place where it stands.
    package static let inventoryRecordContradicts = Self("inventory.record-contradicts", .verification)
}
