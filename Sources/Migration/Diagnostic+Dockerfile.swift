package import ByteIO
package import Diagnostics
import Dockerfiles

extension Diagnostic {
    /// The answer to a Dockerfile at `path` where a path or an images file is asked for; `nil` for other files.
    package static func dockerfile(_ path: FilePath, at option: String?) -> Diagnostic? {
        guard Dockerfile.isNamed(path.name), (try? FileStatus(at: path, following: true))?.kind == .regular else {
            return nil
        }
        return Diagnostic(
            .buildDockerfile,
            "`\(path.display)` is a Dockerfile, and coracle runs no instructions",
            at: option.map { .option($0) } ?? .file(path: path.display),
            because: "images are made of files that are built already, and of what `coracle.yaml` says",
            hint: "translate it once: `coracle init --from \(path.display)`; then `coracle build`"
        )
    }
}

extension Diagnostic.Code {
    static let buildDockerfile = Self("build.dockerfile", .usage)
}
