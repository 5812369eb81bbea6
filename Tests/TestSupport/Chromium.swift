import Glibc

/// A browser without a window, which opens pages and asks no network.
package enum Chromium {
    /// Debian's `chromium-headless-shell`.
    private static let program = "/usr/bin/chromium-headless-shell"

    /// Whether it is installed: Debian has it for some machines only.
    package static let isThere = access(program, X_OK) == 0

    /// Which colours the page is asked for.
    package enum Scheme: Int, Sendable, CaseIterable {
        case dark = 0
        case light = 1
    }

    /// The document as the browser understood it, after scripts have run, and what it said on its console.
    package static func document(
        of path: String,
        width: Int = 1280,
        _ scheme: Scheme = .light,
        in place: TemporaryDirectory
    ) throws -> (html: String, console: String) {
        let outcome = try command(
            ["--dump-dom", "--virtual-time-budget=4000", "--window-size=\(width),900", "file://\(path)"],
            scheme,
            place
        ).run()
        guard outcome.end == .exited(0) else { throw SupportError("chromium: \(outcome.errors)") }
        let console = outcome.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
        return (outcome.output, console.joined(separator: "\n"))
    }

    /// Writes a PNG of the page's first `height` pixels.
    package static func screenshot(
        of path: String,
        to picture: String,
        width: Int,
        height: Int,
        _ scheme: Scheme,
        in place: TemporaryDirectory
    ) throws {
        try command(
            ["--screenshot=\(picture)", "--hide-scrollbars", "--window-size=\(width),\(height)", "file://\(path)"],
            scheme,
            place
        ).output()
    }

    private static func command(_ arguments: [String], _ scheme: Scheme, _ place: TemporaryDirectory) -> Command {
        let fixed = [
            "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            "--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--user-data-dir=\(place("chromium"))", "--blink-settings=preferredColorScheme=\(scheme.rawValue)",
        ]
        return Command(program, fixed + arguments, environment: ["HOME": place.path], timeLimit: 90)
    }
}
