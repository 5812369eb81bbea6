import Applications
import ByteIO
import Diagnostics
import Request

// Which base is taken where the user may have named none.

extension ApplicationReader.Ground {
    /// What the images of `request` stand on: what the user names, else the catalogue's choice or nothing.
    init(of request: BuildRequest) {
        if let base = request.base {
            self = .base(base)
        } else {
            self = request.choosesBase ? .catalogue : .scratch
        }
    }
}

extension ApplicationReader {
    /// The base of the catalogue that runs what was found; `nil`, with a problem, if there is none.
    mutating func base(for found: RecognizedApplication, _ root: FilePath) -> String? {
        if let base = found.base { return base }
        remarks.problems.add(
            Diagnostic(
                .planNoBase,
                "`\(root.display)` is \(found.kind.description), and no base of the catalogue runs it",
                at: .file(path: root.display),
                because: found.baseReason ?? found.evidence,
                hint: "name one that does, such as `--base \(found.thirdPartyBase ?? "")`"
            )
        )
        return nil
    }
}
