import Bases
package import Diagnostics
package import OCI

extension Catalogue {
    /// All bases.
    ///
    /// - Parameter now: what ages are counted from.
    package func list(at now: Timestamp) throws(Diagnostic) -> CatalogueListing {
        var facts = [BaseFacts]()
        for entry in bases.all { facts.append(try BaseFacts(entry, in: bases, at: now)) }
        return CatalogueListing(facts: facts)
    }
}

/// All bases of a catalogue.
package struct CatalogueListing: Sendable {
    let facts: [BaseFacts]

    /// For a person, in columns under their titles.
    package var text: [String] {
        var rows = [["NAME", "SIZE", "LIBC", "SHELL", "USER", "LOCKED", "END OF LIFE", "FOR"]]
        for base in facts {
            rows.append([
                base.entry.name, base.size.map { ByteCount($0).description } ?? "-", base.libc ?? "-",
                base.hasShell ? "yes" : "-", base.user, base.lockTitle ?? "never", base.lifetime, base.purpose,
            ])
        }
        return inColumns(rows, right: [1])
    }

    /// For a program.
    package var json: JSON { .array(facts.map { .object($0.json) }) }
}
