import ByteIO
import Diagnostics

/// Maven or Gradle: the version that the project's wrapper names, or the one on `PATH`.
struct JavaTool {
    let tool: BuildTool
    /// What comes first on every command line.
    let words: [String]

    /// - Throws: `source.no-toolchain`.
    init(for project: SourceProject, in workshop: Workshop) throws(Diagnostic) {
        let evidence = "`\(project.typed.display)` is source of Java"
        let wrapper = Wrapper(of: project)
        if let wrapper, wrapper.isThere(workshop.environment) || !workshop.isOffline {
            if !wrapper.isThere(workshop.environment) {
                workshop.note(
                    Diagnostic(
                        .sourceWrapperDownloads,
                        "`\(wrapper.script)` downloads `\(wrapper.distribution ?? "its own version")`",
                        because: "the project's wrapper names it, and it is not on this machine yet",
                        hint: "to build with the one on `PATH`, add `--offline`, or delete the wrapper"
                    )
                )
            }
            tool = try BuildTool("sh", for: evidence, in: workshop)
            words = ["./\(wrapper.script)"]
            return
        }
        tool = try BuildTool(project.ecosystem == .maven ? "mvn" : "gradle", for: evidence, in: workshop)
        words = []
    }

    /// A script of the project that starts, and if need be downloads, a version of the tool.
    private struct Wrapper {
        let script: String
        /// The archive's name, without what follows the version; `nil` if the wrapper's file does not say it.
        let distribution: String?
        private let isMaven: Bool

        /// `nil` if there is none.
        init?(of project: SourceProject) {
            isMaven = project.ecosystem == .maven
            script = isMaven ? "mvnw" : "gradlew"
            let folder = isMaven ? ".mvn/wrapper/maven" : "gradle/wrapper/gradle"
            let file = project.directory.appending("\(folder)-wrapper.properties")
            guard SourceProject.isFile(project.directory.appending(script)),
                let bytes = try? OpenFile.content(of: file, limit: 1 << 20)
            else { return nil }
            let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            let address = lines.first { $0.hasPrefix("distributionUrl") }
            let name = address?.split(separator: "/").last.map(String.init) ?? ""
            distribution = name.hasSuffix(".zip") ? String(name.dropLast(4)) : nil
        }

        /// Whether it was downloaded before. Wrappers unpack it below a directory with its name.
        func isThere(_ environment: [String: String]) -> Bool {
            let own = environment[isMaven ? "MAVEN_USER_HOME" : "GRADLE_USER_HOME"]
            let usual = environment["HOME"].map { $0 + (isMaven ? "/.m2" : "/.gradle") }
            guard let home = own ?? usual, let distribution else { return false }
            let short = ["-bin", "-all"].first { distribution.hasSuffix($0) }.map { distribution.dropLast($0.count) }
            return [distribution, short.map(String.init)].compactMap(\.self).contains { name in
                !((try? directoryEntries(of: FilePath("\(home)/wrapper/dists/\(name)"))) ?? []).isEmpty
            }
        }
    }
}

extension Diagnostic.Code {
    static let sourceWrapperDownloads = Self("source.wrapper-downloads", .input)
}
