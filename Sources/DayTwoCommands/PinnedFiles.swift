import ByteIO
import Diagnostics
import Pins

/// The files of the working directory that name images.
enum PinnedFiles {
    /// - Throws: `pins.none` if there is none.
    static func usual(for command: String) throws(Diagnostic) -> [String] {
        let files = PinnedFile.usual.filter { PinnedFile.isOne($0) }
        guard files.isEmpty else { return files.map(\.display) }
        throw Diagnostic(
            .pinsNone,
            "there is nothing here to look at",
            because: "this directory has neither of "
                + PinnedFile.usual.map { "`\($0.display)`" }.joined(separator: ", "),
            hint:
                "name a file or an image: `coracle \(command) \(command == "update" ? "deploy.yaml" : "ghcr.io/me/server:1.0")`"
        )
    }
}

extension Diagnostic.Code {
    static let pinsNone = Self("pins.none", .notFound)
}
