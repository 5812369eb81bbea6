import ByteIO
import Diagnostics

/// Why an operation failed: one problem, or all problems of a recipe.
public struct CoracleError: Error, Hashable, Sendable {
    /// In the order in which they were found; never empty.
    public let problems: [Problem]

    /// The exit status of the command for this error: that of the first problem.
    public var exitStatus: Int32 { problems.first?.category.rawValue ?? Problem.Category.bug.rawValue }

    /// Runs `body`, and throws what it throws as problems.
    static func converting<Result>(_ body: () async throws -> Result) async throws(CoracleError) -> Result {
        do {
            guard !Task.isCancelled else { throw Diagnostic.cancelled }
            return try await body()
        } catch {
            throw CoracleError(error)
        }
    }

    private init(_ error: any Error) {
        problems =
            switch error {
            case _ where Task.isCancelled: [Problem(.cancelled)]
            case let list as DiagnosticList: list.items.map { Problem($0) }
            case let diagnostic as Diagnostic: [Problem(diagnostic)]
            default: [.unexpected(error)]
            }
    }
}

extension CoracleError: CustomStringConvertible {
    /// All problems, one after the other.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
