import Findings
import Layers

/// How a file of an image comes to be loaded: what is carried along and never loaded does no harm.
enum Reach: Hashable {
    /// It is what the image starts, or is loaded with it.
    case started
    /// A runtime that is known imports it for certain: which file asks for it.
    case imported(by: EntryPath?)
    /// Nothing that is known loads it.
    case carried

    var severity: Rule.Severity {
        switch self {
        case .started, .imported: .error
        case .carried: .warning
        }
    }

    /// For the reason of a finding; `nil` if there is nothing to say.
    var words: String? {
        switch self {
        case .started: nil
        case .imported(let importer): importer.map { "`\($0)` imports it" }
        case .carried: "nothing that the image starts is known to load it"
        }
    }
}
