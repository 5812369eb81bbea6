package import ByteIO
package import Diagnostics

extension Planner {
    /// What is at a path, and what it asks for.
    package struct Survey: Sendable {
        package let application: Application
        package let needs: ApplicationNeeds
    }

    /// Reads a program or a directory as `build` would, and chooses nothing.
    package static func survey(_ path: FilePath) throws(DiagnosticList) -> Survey {
        var request = BuildRequest(paths: [path])
        // Whether the image could be made is another question.
        request.allowsEscapingSymlinks = true
        var planner = Planner(request)
        (planner.choosesBase, planner.isSurvey) = (true, true)
        let application = planner.readApplication()
        let needs = planner.needs(of: application, [])
        try planner.problems.check()
        guard let application, let first = needs.first else { preconditionFailure("no application, and no problem") }
        return Survey(application: application, needs: first)
    }
}
