package import ByteIO
package import Diagnostics
package import Findings
import OCI
import Plan
package import Request

/// One image of many, before it is planned: what was asked, and what of that was not understood.
package struct BatchItem: Sendable {
    package let name: String
    package var request: BuildRequest
    /// Why it cannot be built, whatever the plan says.
    package var problems: [Diagnostic]
    /// What is said about it when it is built; `nil` if nothing is.
    package var statements: (any BuildStatements)?
    /// Files that are written beside it.
    package var files: [FilePath] = []

    package init(name: String, request: BuildRequest, problems: [Diagnostic] = []) {
        self.name = name
        self.request = request
        self.problems = problems
    }
}

/// What is known of one image of many before it is built.
package enum PlannedImage: Sendable {
    case job(BuildJob)
    /// The same was built before, of the same inputs.
    case recalled(RecalledBuild, BatchItem, InputSurvey)

    /// What is to be built; `nil` if it was built before.
    package var job: BuildJob? {
        if case .job(let job) = self { job } else { nil }
    }

    package var notes: [Diagnostic] {
        switch self {
        case .job(let job): job.plan.notes
        case .recalled(let build, _, _): build.notes
        }
    }

    package var findings: [Finding] {
        switch self {
        case .job(let job): job.plan.findings
        case .recalled(let build, _, _): build.findings
        }
    }

    package var output: BuildRequest.Output? {
        switch self {
        case .job(let job): job.plan.output
        case .recalled(let build, _, _): build.output
        }
    }

    package var isPushed: Bool {
        switch self {
        case .job(let job): job.plan.isPushed
        case .recalled(_, let item, _): item.request.isPushed
        }
    }
}

extension BatchItem {
    /// Every two images that would be written to the same place, or pushed under the same name: one would take the
    /// other's place.
    package static func collisions(of items: [BatchItem]) -> [Named<[Diagnostic]>] {
        var first: [Place: String] = [:]
        return items.map { item in
            var problems = [Diagnostic]()
            for place in item.places {
                if let other = first.updateValue(item.name, forKey: place) {
                    problems.append(place.taken(by: other, item))
                }
            }
            return Named(item.name, problems)
        }
    }

    private enum Place: Hashable {
        case archive(FilePath)
        case layout(FilePath, name: String?)
        case registry(String)
        case file(FilePath)

        func taken(by other: String, _ item: BatchItem) -> Diagnostic {
            // As it was written.
            let path = item.request.output?.path ?? "."
            return switch self {
            case .file(let path):
                Diagnostic(
                    .batchSamePlace,
                    "`\(path.display)` is already about image `\(other)`",
                    at: .file(path: path.display),
                    hint: "put the image's name into the path: `{name}.spdx.json`"
                )
            case .archive:
                Diagnostic(
                    .batchSamePlace,
                    "`\(path.display)` is already image `\(other)`'s",
                    at: .file(path: path.display),
                    because: "an archive holds one image",
                    hint: "give it a file of its own, or write both to one layout: a name without `.tar`"
                )
            case .layout(_, nil):
                Diagnostic(
                    .batchSamePlace,
                    "image `\(other)` has no name in `\(path.display)` either",
                    at: .file(path: path.display),
                    because: "a layout has one image without a name",
                    hint: "give each a `tag`, or a layout of its own"
                )
            case .layout(_, let name?):
                Diagnostic(
                    .batchSamePlace,
                    "`\(name)` in `\(path.display)` is already image `\(other)`",
                    at: .file(path: path.display),
                    hint: "give it another `tag`, or a layout of its own"
                )
            case .registry(let name):
                Diagnostic(
                    .batchSamePlace,
                    "`\(name)` is already image `\(other)`",
                    at: .image(name),
                    because: "what is pushed later would take its place",
                    hint: "give it another `tag`"
                )
            }
        }
    }

    /// The places that it goes to, each once. Several names of one image do not conflict.
    private var places: [Place] {
        var names = request.names.map(\.normalized)
        if request.hasDebugTwin { names += names.map { $0 + DebugTwin.suffix } }
        var places = [Place]()
        switch request.output {
        case .archive(let path)?, .stream(let path)?: places.append(.archive(path.identity))
        case .layout(let path)?:
            let layout = path.identity
            places += names.isEmpty ? [.layout(layout, name: nil)] : names.map { .layout(layout, name: $0) }
        case nil: break
        }
        if request.isPushed || request.isLoaded { places += names.map { .registry($0) } }
        places += files.map { .file($0.identity) }
        var seen = Set<Place>()
        return places.filter { seen.insert($0).inserted }
    }
}

extension FilePath {
    /// The same for all ways to write the path of one file, which need not be there yet.
    var identity: FilePath {
        if let resolved { return resolved }
        guard let directory = directory.resolved else { return self }
        return directory.appending(name: Array(bytes[((bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...]))
    }
}

extension Diagnostic.Code {
    static let batchSamePlace = Self("batch.same-place", .usage)
}
