import Glibc

/// What the terminal on a file descriptor can show; nothing special if there is no terminal.
package struct TerminalTraits {
    /// The width of a line; `nil` if there is no terminal, or if its size is not known.
    package let columns: Int?
    /// Whether text may have colours: no-color.org, and not on a terminal that calls itself dumb.
    package let hasColor: Bool
    /// Whether lines can be replaced.
    package let movesCursor: Bool

    /// Standard error, where everything but results goes.
    package static let errors = TerminalTraits(STDERR_FILENO)

    /// Standard output, where results go.
    package static let results = TerminalTraits(STDOUT_FILENO)

    private init(_ descriptor: Int32) {
        guard isatty(descriptor) == 1 else {
            (columns, hasColor, movesCursor) = (nil, false, false)
            return
        }
        let kind = ProcessEnvironment["TERM"]
        movesCursor = kind != nil && kind != "dumb"
        hasColor = movesCursor && ProcessEnvironment["NO_COLOR"] == nil
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        columns = isKnown ? Int(size.ws_col) : nil
    }

    /// ECMA-48, SGR: how a word stands out.
    enum Style: String {
        case plain = ""
        case bold = "1"
        case red = "1;31"
        case yellow = "1;33"
        case cyan = "1;36"
    }

    func styled(_ text: String, _ style: Style) -> String {
        hasColor && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[m" : text
    }
}
