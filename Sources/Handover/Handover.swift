package import ByteIO
package import Diagnostics
import Findings
import Glibc
import OCI

/// What a command writes for other programs when its images are in place, or when they are not.
package struct Handover: Sendable {
    /// A file of lines `REFERENCE@sha256:…`; `nil` if it is not wanted.
    package var referenceFile: FilePath?
    /// The document that buildx writes; `nil` if it is not wanted.
    package var metadataFile: FilePath?
    /// What runs the command, and reads of its images in its own way; `nil` if it is not wanted.
    package var system: System?

    /// A system that runs the command.
    package enum System: Sendable {
        /// Files that lines are added to, and lines among the messages.
        case github(outputs: FilePath, summary: FilePath?)
        /// Two reports in a directory.
        case gitlab(FilePath)
        /// A file for each result in a directory.
        case tekton(FilePath)
    }

    package init() {}

    /// Whether nothing is wanted.
    package var isEmpty: Bool { referenceFile == nil && metadataFile == nil && system == nil }

    /// What became of a command.
    package struct Outcome: Sendable {
        package var images: [DeliveredImage]
        /// Why others of its images are not there.
        package var problems: [Diagnostic]
        /// Whether the images are those of a file: documents then name each.
        package var isBatch: Bool

        package init(_ images: [DeliveredImage], problems: [Diagnostic] = [], isBatch: Bool = false) {
            (self.images, self.problems, self.isBatch) = (images, problems, isBatch)
        }
    }

    /// Finds what would keep the files from being written, before there is an image.
    ///
    /// - Throws: `io.failed` if a directory is missing.
    package func check() throws(Diagnostic) {
        var directories = [referenceFile?.directory, metadataFile?.directory].compactMap(\.self)
        switch system {
        case .github(let outputs, let summary)?:
            directories += [outputs.directory, summary?.directory].compactMap(\.self)
        case .gitlab(let directory)?, .tekton(let directory)?: directories.append(directory)
        case nil: break
        }
        for directory in directories {
            do throws(SystemError) {
                let status = try FileStatus(at: directory, following: true)
                guard status.kind == .directory else { throw SystemError(number: ENOTDIR) }
            } catch {
                throw error.diagnostic("write files into", directory.display)
            }
        }
    }

    /// Writes all that is wanted.
    ///
    /// - Returns: lines for the standard error stream, which GitHub reads; they are complete and escaped.
    /// - Throws: `io.failed`.
    package func write(_ outcome: Outcome) throws(Diagnostic) -> [String] {
        // What failed as a whole leaves no file that looks like a result.
        if !outcome.images.isEmpty {
            if let referenceFile {
                let lines = outcome.images.flatMap(\.references).map { $0 + "\n" }
                try [Array(lines.joined().utf8)].write(to: referenceFile)
            }
            if let metadataFile { try [outcome.metadata.encoded(pretty: true)].write(to: metadataFile) }
        }
        switch system {
        case .github(let outputs, let summary)?:
            try GitHubFiles(outcome).write(outputs, summary)
            return GitHubFiles(outcome).annotations
        case .gitlab(let directory)?: try GitLabReports(outcome).write(into: directory)
        case .tekton(let directory)?: try TektonResults(outcome).write(into: directory)
        case nil: break
        }
        return []
    }
}

extension Handover.Outcome {
    /// What buildx writes of one image, or what `bake` does: a member for each image.
    var metadata: JSON {
        guard isBatch else { return .object(images.first?.metadata ?? JSONObject()) }
        var json = JSONObject()
        for image in images { json[image.name ?? ""] = .object(image.metadata) }
        return .object(json)
    }
}
