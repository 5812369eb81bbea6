import Diagnostics
import Glibc
import Images

/// How the progress of transfers gets to standard error.
enum TransferDisplay {
    static func progress(_ how: RegistryOptions.Progress) -> TransferProgress {
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

    /// Of the terminal that standard error is; nil if it is none, or one that cannot move its cursor.
    private static var columns: Int? {
        guard isatty(STDERR_FILENO) == 1, let kind = ProcessEnvironment["TERM"], kind != "dumb" else { return nil }
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return Int(size.ws_col)
    }
}
