import ByteIO
package import Diagnostics
import YAML

/// All bases that can be named: those in coracle itself, and those of a user's directories, which go before them.
package struct BaseCatalogue: Sendable {
    /// A base as it can be asked for.
    package struct Entry: Sendable {
        package let definition: BaseDefinition
        package let variant: BaseVariant
        /// What is beside the definition.
        package let section: BaseShelf.Section

        package init(_ definition: BaseDefinition, _ variant: BaseVariant, in section: BaseShelf.Section) {
            self.definition = definition
            self.variant = variant
            self.section = section
        }

        /// Such as `debian12/cc:debug`.
        package var name: String {
            variant.description.isEmpty ? definition.fullName : "\(definition.fullName):\(variant)"
        }

        /// Whether its programs run as root.
        package var isRoot: Bool { variant.isRoot ?? definition.isRootByDefault }

        /// - Throws: `base.lock-missing`.
        package func lock() throws(Diagnostic) -> BaseLock {
            if let lock = section.lock { return lock }
            throw Diagnostic(
                .baseLockMissing,
                "the packages of `\(definition.fullName)` are not locked",
                at: .file(path: section.lockPath.display),
                because: "there is no such file",
                hint: "make it: `coracle base lock`"
            )
        }
    }

    /// Those that go first first; what is in coracle itself is the last.
    package let shelves: [BaseShelf]

    package init(_ shelves: [BaseShelf]) { self.shelves = shelves }

    /// One entry for each definition, in its usual form: the newest suite first, then by name. What a shelf hides is left
    /// out.
    package var all: [Entry] {
        var entries = [String: Entry]()
        for shelf in shelves {
            for section in shelf.sections {
                for definition in section.definitions where entries[definition.fullName] == nil {
                    entries[definition.fullName] = Entry(definition, BaseVariant(), in: section)
                }
            }
        }
        return entries.values.sorted { left, right in
            let (a, b) = (left.definition, right.definition)
            return a.suite == b.suite ? a.name < b.name : a.suite > b.suite
        }
    }

    /// What `text` names: `debian12/cc`, `cc` for the newest suite that has it, `cc:debug`. Nil if no base has the name.
    ///
    /// - Throws: `base.variant-unknown` for a form that no base has.
    package func find(_ text: String) throws(Diagnostic) -> Entry? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let entry = all.first(where: { $0.definition.fullName == name || $0.definition.name == name }) else {
            return nil
        }
        guard parts.count == 2 else { return entry }
        return Entry(entry.definition, try BaseVariant(parsing: String(parts[1])), in: entry.section)
    }

    /// The same for what cannot be anything else.
    ///
    /// - Throws: `base.unknown`, which names the one that is spelt most alike; `base.variant-unknown`.
    package func entry(named text: String) throws(Diagnostic) -> Entry {
        if let entry = try find(text) { return entry }
        let name = String(text.prefix { $0 != ":" })
        let all = all
        let near = name.nearest(of: all.map(\.definition.fullName)) ?? name.nearest(of: all.map(\.definition.name))
        throw Diagnostic(
            .baseUnknown,
            "there is no base `\(name)`",
            hint: near.map { "did you mean `\($0)`?" } ?? "list those there are: `coracle base list`"
        )
    }
}

extension Diagnostic.Code {
    package static let baseUnknown = Self("base.unknown", .notFound)
}
