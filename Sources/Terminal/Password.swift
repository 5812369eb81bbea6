package import Diagnostics
import Glibc
import OCI
import Synchronization

/// A password on its way in: it is never an argument, which every user of the machine can see.
package enum Password {
    private static let limit = 64 << 10

    /// All of standard input, without one line feed at its end.
    ///
    /// - Throws: `password.unreadable`.
    package static func fromStandardInput() throws(Diagnostic) -> String {
        guard isatty(STDIN_FILENO) == 0 else {
            throw unreadable("standard input is a terminal", "leave out `--password-stdin` to be asked")
        }
        guard let bytes = ByteReader(STDIN_FILENO).bytes(limit: limit) else {
            throw unreadable("standard input has more than 64 KiB, or cannot be read", nil)
        }
        return try text(bytes)
    }

    /// What the user types at the terminal, which does not show it.
    ///
    /// - Throws: `password.unreadable`.
    package static func asked(for username: String, at registry: String) throws(Diagnostic) -> String {
        let question = "password of \(username.escapedForTerminal) at \(registry): "
        return try text(try typed(question, otherwise: "give it with `--password-stdin`"))
    }

    /// The same for the password of a key's file.
    ///
    /// - Throws: `password.unreadable`.
    package static func asked(forKey name: String) throws(Diagnostic) -> String {
        let question = "password of the key \(name.escapedForTerminal): "
        return try text(try typed(question, otherwise: "set COSIGN_PASSWORD, which may be empty"))
    }

    private static func typed(_ question: String, otherwise hint: String) throws(Diagnostic) -> [UInt8] {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { throw unreadable("there is no terminal to ask at", hint) }
        defer { close(terminal) }
        write(question, to: terminal)
        guard EchoSwitch.turnOff(terminal) else { throw unreadable("the terminal cannot hide it", nil) }
        defer {
            EchoSwitch.restore()
            write("\n", to: terminal)
        }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count <= limit {
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 || byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        return bytes
    }

    private static func text(_ bytes: [UInt8]) throws(Diagnostic) -> String {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw unreadable("it is empty", nil) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw unreadable("it is not UTF-8", nil) }
        return text
    }

    private static func write(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(terminal, bytes, bytes.count)
    }

    private static func unreadable(_ reason: String, _ hint: String?) -> Diagnostic {
        Diagnostic(.passwordUnreadable, "there is no password", because: reason, hint: hint)
    }
}

/// Whether a terminal shows what is typed, with a way back for a process that is interrupted.
enum EchoSwitch {
    private struct Saved {
        let terminal: Int32
        let settings: termios
    }

    private static let saved = Mutex<Saved?>(nil)

    /// False if the terminal cannot.
    static func turnOff(_ terminal: Int32) -> Bool {
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { return false }
        saved.withLock { $0 = Saved(terminal: terminal, settings: settings) }
        settings.c_lflag &= ~tcflag_t(ECHO)
        return tcsetattr(terminal, TCSAFLUSH, &settings) == 0
    }

    /// As it was before; nothing if it was not turned off.
    static func restore() {
        saved.withLock { saved in
            guard let state = saved else { return }
            var settings = state.settings
            tcsetattr(state.terminal, TCSANOW, &settings)
            saved = nil
        }
    }
}

extension Diagnostic.Code {
    static let passwordUnreadable = Self("password.unreadable", .usage)
}
