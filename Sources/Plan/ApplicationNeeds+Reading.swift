import Applications
import ByteIO
import Diagnostics
import ELF
import Findings
import Layers
package import Needs
package import Request
package import Rootfs

extension ApplicationNeeds {
    /// What the programs of each variant ask for, those of `additions` included; empty if there is no application.
    static func read(_ application: Application?, _ additions: [LayerEntry]) -> Checked<[ApplicationNeeds]> {
        guard let application else { return Checked([]) }
        var remarks = Remarks()
        let added = read(additions, &remarks)
        let needs = application.variants.map { variant in
            let programs = added.merging(read(variant.entries, &remarks)) { $1 }
            let start = variant.programs.keys.first ?? variant.entrypoint.map { EntryPath(normalizing: $0) }
            return ApplicationNeeds(
                programs: programs,
                start: start,
                hidden: start.flatMap { programs[$0] } == nil
                    ? "what `\(variant.entrypoint ?? "the base's program")` asks for cannot be seen" : nil
            )
        }
        return Checked(needs, remarks)
    }

    /// The same with what the programs of `entries` ask for.
    func adding(_ entries: [LayerEntry]) -> Checked<ApplicationNeeds> {
        var remarks = Remarks()
        let added = Self.read(entries, &remarks)
        return Checked(
            ApplicationNeeds(programs: added.merging(programs) { $1 }, start: start, hidden: hidden),
            remarks
        )
    }

    private static func read(_ entries: [LayerEntry], _ remarks: inout Remarks) -> [EntryPath: ProgramNeeds] {
        var programs: [EntryPath: ProgramNeeds] = [:]
        for entry in entries where RootEntry(entry, origin: .application).mayBeLoaded {
            guard let path = entry.hostFile else { continue }
            let needs = remarks.collect { () throws(Diagnostic) in
                try ProgramNeeds(ifIn: HostFile(path), named: entry.isUnpacked ? "\(entry.path)" : path.display)
            }
            if let needs { programs[entry.path] = needs }
        }
        return programs
    }
}

extension ApplicationNeeds {
    /// Whether a minimal image has `part`.
    package func wants(_ part: RuntimePart, _ request: BuildRequest.Runtime) -> Bool {
        if part == .certificates, request.certificates.isChosen { return true }
        return need(for: part).map { self[$0].answer.isWanted } ?? false
    }

    /// `nil` if only other people's tools read the part.
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
