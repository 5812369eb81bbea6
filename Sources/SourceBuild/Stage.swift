import Request
import ByteIO
import Diagnostics
import Glibc
import OCI
import Plan

/// A copy of a project, in which a toolchain may write: what goes in the image is there afterwards.
struct Stage {
    let directory: FilePath

    /// - Parameters:
    ///   - leftOut: names of what was built or installed before, wherever they are.
    ///   - kept: names of directories that the image has, whatever the project's ignore file says.
    /// - Throws: `io.failed`.
    init(
        of project: SourceProject,
        for platform: Platform,
        leavingOut leftOut: Set<String>,
        keeping kept: [String],
        _ workshop: Workshop
    ) throws(Diagnostic) {
        directory = try workshop.output(for: platform).appending(project.directory.name)
        let places = project.passedOver
        do throws(SystemError) {
            try TreeCopy.make(of: project.directory, at: directory) { path in
                let name = path.name
                return name == ".git" || name.hasSuffix(".oci") || name.hasSuffix(".oci.tar") || leftOut.contains(name)
                    || places.contains(path) || SourceProject.isFile(path.appending("pyvenv.cfg"))
            }
            // Docker's rule: the last pattern that matches decides.
            for name in [".coracleignore", ".dockerignore"] {
                let file = directory.appending(name)
                guard !kept.isEmpty, SourceProject.isFile(file) else { continue }
                let patterns = kept.map { "!\($0)\n!\($0)/**\n" }.joined()
                try OpenFile(file, O_WRONLY | O_APPEND | O_NOFOLLOW).write(Array("\n\(patterns)".utf8))
            }
        } catch {
            throw error.diagnostic("copy", project.directory.display)
        }
    }
}

/// Commands that make one thing for one platform, each printed before it runs.
struct Commands {
    let project: SourceProject
    let workshop: Workshop
    let platform: Platform
    var environment: ToolEnvironment
    /// What is in the place of paths that the user does not know.
    let shown: [(FilePath, String)]

    func run(_ tool: BuildTool, _ arguments: [String], in directory: FilePath) async throws(Diagnostic) {
        var line = environment.assignments() + "\(CommandText([tool.name] + arguments))"
        for (path, name) in shown { line = line.replacing(path.display, with: name) }
        workshop.announce(project.shown.display, platform, line, environment)
        try await tool.runToEnd(arguments, in: directory, environment)
    }
}
