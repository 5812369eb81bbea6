package import ByteIO
package import Diagnostics
import Glibc
import OCI
package import Request

extension SourceProject {
    /// What came out: a program for each platform, and where they are from.
    package struct Product: Sendable {
        package let programs: [FilePath]
        package let origin: ProgramOrigin
    }

    /// Builds the program that `request` asks for, for each of its platforms.
    ///
    /// - Throws: `source.…`; `io.failed`.
    package func build(_ request: BuildRequest, in workshop: Workshop) async throws(Diagnostic) -> Product {
        let platforms = request.platforms.isEmpty ? [request.machine] : request.platforms
        let programs = try await GoBuild(self, in: workshop).programs(for: platforms.map(\.normalized))
        return Product(programs: programs, origin: ProgramOrigin(typed: typed, root: directory))
    }

    /// `directory`, which is in the project's, as the user would type it.
    func shown(below directory: FilePath) -> String {
        let root = self.directory.bytes
        guard directory.bytes.starts(with: root), directory.bytes.count > root.count else {
            return directory == self.directory ? shown.display : directory.display
        }
        let rest = String(printing: directory.bytes[root.count...].drop { $0 == UInt8(ascii: "/") })
        return shown == "." ? "./\(rest)" : shown.appending(rest).display
    }
}

extension Workshop {
    /// Says what runs next.
    func announce(_ what: String, _ platform: Platform, _ line: String, _ environment: ToolEnvironment) {
        say("building \(what) for \(platform)")
        say("  $ \(line)")
        say("  environment: \(environment.text)")
    }

    /// The file that a toolchain has put into `directory`.
    ///
    /// - Throws: `source.no-program`.
    func onlyProgram(in directory: FilePath, of project: SourceProject) throws(Diagnostic) -> FilePath {
        let names = (try? directoryEntries(of: directory)) ?? []
        guard names.count == 1 else {
            throw Diagnostic(
                .sourceNoProgram,
                names.isEmpty
                    ? "`\(project.typed.display)` has no program" : "`\(project.typed.display)` names several programs",
                at: .file(path: project.typed.display),
                because: names.isEmpty
                    ? "the toolchain has built it, and no program came out" : "\(names.count) programs came out",
                hint: "name the directory of one program"
            )
        }
        return directory.appending(name: names[0])
    }

    func unsupported(_ platform: Platform, by reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .sourcePlatform,
            "nothing can be built for \(platform)",
            at: .option("--platform"),
            because: reason,
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let sourcePlatform = Self("source.platform", .usage)
}
