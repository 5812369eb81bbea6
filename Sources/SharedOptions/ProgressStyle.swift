import Diagnostics
package import Terminal

/// How the progress of transfers gets to standard error.
package enum ProgressStyle {
    package static func progress(_ how: RegistryOptions.Progress) -> TransferProgress {
        let style: TransferProgress.Style =
            switch how {
            case .none: .none
            case .plain: .plain
            case .json: .json
            case .auto: columns.map { .bars(columns: $0) } ?? .plain
            }
        return TransferProgress(style) { output in
            switch output {
            case .line(let line) where style == .json: Console.log(line)
            case .line(let line): Console.log(line.escapedForTerminal)
            case .block(let lines): Console.show(lines)
            }
        }
    }

    /// `nil` for a terminal that cannot move its cursor, too.
    private static var columns: Int? { TerminalTraits.errors.movesCursor ? TerminalTraits.errors.columns : nil }
}
