import ByteIO
import Diagnostics
import ELF
import Gate
package import Layers
package import Needs
package import Rootfs

extension Planner {
    /// What the programs of each variant ask for; nothing where there is no application.
    package mutating func needs(of application: Application?, _ additions: [LayerEntry]) -> [ApplicationNeeds] {
        guard let application else { return [] }
        var added: [EntryPath: ProgramNeeds] = [:]
        read(additions, into: &added)
        return application.variants.map { variant in
            var programs = added
            read(variant.entries, into: &programs)
            let start = variant.programs.keys.first ?? EntryPath(normalizing: variant.entrypoint)
            return ApplicationNeeds(
                programs: programs,
                start: start,
                hidden: programs[start] == nil ? "what `\(variant.entrypoint)` asks for cannot be seen" : nil
            )
        }
    }

    private mutating func read(_ entries: [LayerEntry], into programs: inout [EntryPath: ProgramNeeds]) {
        for entry in entries where RootEntry(entry, origin: .application).mayBeLoaded {
            guard let path = entry.hostFile else { continue }
            let needs = problems.collect { () throws(Diagnostic) in
                try ProgramNeeds(ifIn: HostFile(path, entry.path), named: path.display)
            }
            if let needs { programs[entry.path] = needs }
        }
    }
}

extension ApplicationNeeds {
    /// Whether a minimal image has `part`.
    package func wants(_ part: RuntimePart, _ request: BuildRequest.Runtime) -> Bool {
        if part == .certificates, request.certificates.isChosen { return true }
        return need(for: part).map { self[$0].answer.isWanted } ?? false
    }

    /// Nil for what only other people's tools read.
    package func need(for part: RuntimePart) -> Need? {
        switch part {
        case .certificates: .certificates
        case .zoneinfo: .zones
        case .accounts: .accounts
        case .nameService: .nameLookup
        case .temporaryDirectory: .temporaryFiles
        case .osRelease: nil
        }
    }
}

extension BuildRequest.Certificates {
    /// Whether the user named files.
    var isChosen: Bool {
        switch self {
        case .embedded(let files): !files.isEmpty
        case .only: true
        case .none: false
        }
    }
}
