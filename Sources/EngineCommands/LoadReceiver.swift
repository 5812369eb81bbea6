package import Diagnostics
import Engines
package import Store
import Terminal

/// Loads what a build has made into an engine, and says so on standard error.
package struct LoadReceiver: ImageReceiver {
    private let load: EngineLoad

    /// Finds the engine.
    ///
    /// - Parameters:
    ///   - text: the engine, as it was typed; `nil` for what is there.
    ///   - option: what it was typed behind.
    /// - Throws: `usage.malformed`, `engine.…`.
    package init(
        _ text: String?,
        option: String,
        note: @escaping @Sendable (Diagnostic) -> Void
    ) async throws(Diagnostic) {
        let wanted = try EngineOptions.engine(text, option)
        let found = try await EngineSearch(ProcessEnvironment.current).find(wanted, option: option)
        load = EngineOptions.load(into: found, nil, note: note)
    }

    package func receive(_ images: ImageSet) async throws(Diagnostic) {
        for line in try await load.load(images).lines { Console.log(line.escapedForTerminal) }
    }
}
