import ByteIO
import Diagnostics
import Pins

/// The files of the working directory that name images.
enum PinnedFiles {
    static func usual() -> [String] { PinnedFile.usual.filter { PinnedFile.isOne($0) }.map(\.display) }

    /// There is no such file, and no lock.
    static func none(for command: String) -> Diagnostic {
        Diagnostic(
            .pinsNone,
            "there is nothing here to look at",
            because: "this directory has neither of "
                + PinnedFile.usual.map { "`\($0.display)`" }.joined(separator: ", ")
                + ", and no `coracle.lock`",
            hint:
                "name a file or an image: `coracle \(command) \(command == "update" ? "deploy.yaml" : "ghcr.io/me/server:1.0")`"
        )
    }
}

extension Diagnostic.Code {
    static let pinsNone = Self("pins.none", .notFound)
}
