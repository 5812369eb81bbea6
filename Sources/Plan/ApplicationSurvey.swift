package import ByteIO
package import Diagnostics
import Request

/// What is at a path, and what it asks for: read as `build` would, without choosing a base.
package struct ApplicationSurvey {
    package let application: Application
    package let needs: ApplicationNeeds

    /// Reads the program or directory at `path`.
    ///
    /// - Throws: everything that is wrong with it.
    package init(of path: FilePath) throws(DiagnosticList) {
        var request = BuildRequest(paths: [path])
        // Whether the image could be made is another question.
        request.allowsEscapingSymlinks = true
        var remarks = Remarks()
        let application = remarks.take(ApplicationReader.read(request, on: .undecided))
        let needs = remarks.take(ApplicationNeeds.read(application, []))
        try remarks.problems.check()
        guard let application, let first = needs.first else { preconditionFailure("no application, and no problem") }
        self.application = application
        self.needs = first
    }
}
