package import Diagnostics
import ELF
import Layers
package import Needs

extension ImageRoot {
    package func needs(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds? { try readNeeds(of: entry) }

    /// Reads the whole program of `entry`; `nil` if it is not an ELF file, cannot be parsed, or is not available.
    package func readNeeds(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds? {
        guard entry.kind == .file, try bytes(of: entry, at: 0, count: 4) == ElfHeader.magic else { return nil }
        return try ProgramNeeds(ifIn: EntrySource(root: self, entry: entry), named: entry.path.description)
    }
}
