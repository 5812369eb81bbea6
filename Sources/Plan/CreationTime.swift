import Applications
import ByteIO
import ELF
import OCI
import Request

/// When the images say they were made, and where that is from.
struct CreationTime {
    let time: Timestamp
    /// Such as `SOURCE_DATE_EPOCH`, for the report.
    let source: String
    /// False for 1970, where nothing says a time.
    let isKnown: Bool

    /// What the user says, else the newest commit time that the programs carry, else 1970.
    init(_ wanted: BuildRequest.Created, of application: Application?) {
        if case .at(let time, let source) = wanted {
            (self.time, self.source, isKnown) = (time, source, true)
            return
        }
        let programs = application?.variants.flatMap(\.programs.values) ?? []
        let commits = programs.compactMap { program -> (Timestamp, String)? in
            guard let text = program.goBuildInfo?.commitTime, let time = try? Timestamp(parsing: text) else {
                return nil
            }
            return (time, "the commit time in `\(program.typed.display)`, vcs.time")
        }
        let epoch = (Timestamp(secondsSince1970: 0), "no SOURCE_DATE_EPOCH, and no commit time in the program")
        (time, source) = commits.max { $0.0 < $1.0 } ?? epoch
        isKnown = !commits.isEmpty
    }
}
