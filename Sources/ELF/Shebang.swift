import Diagnostics

/// The first line of a script: which program Linux starts to read it.
///
/// fs/binfmt_script.c.
package struct Shebang: Hashable, Sendable {
    /// The program Linux starts: `/usr/bin/env`.
    package let interpreter: String
    /// The rest of the line, which Linux passes as one argument: `python3 -u`.
    package let argument: String?
    /// Whether the line ends in CR LF. Linux takes the CR for a part of the last word, and finds no such program.
    package let endsInCarriageReturn: Bool
    /// Whether the line is longer than the 256 bytes that Linux reads: the rest is lost, or the script does not start.
    package let isTooLong: Bool

    package init(interpreter: String, argument: String?, endsInCarriageReturn: Bool, isTooLong: Bool) {
        self.interpreter = interpreter
        self.argument = argument
        self.endsInCarriageReturn = endsInCarriageReturn
        self.isTooLong = isTooLong
    }

    /// `nil` unless `start` begins with `#!` and names a program.
    init?(_ start: some Collection<UInt8>) {
        guard start.starts(with: [0x23, 0x21]) else { return nil }
        var line = Array(start.dropFirst(2).prefix { $0 != 0x0A && $0 != 0 })
        // BINPRM_BUF_SIZE is 256 with the NUL; `#!` and the line feed count too.
        isTooLong = line.count + 3 > 256
        endsInCarriageReturn = line.last == 0x0D
        if endsInCarriageReturn { line.removeLast() }
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        while let last = line.last, isBlank(last) { line.removeLast() }
        let words = line.drop(while: isBlank)
        let interpreter = words.prefix { !isBlank($0) }
        guard !interpreter.isEmpty else { return nil }
        self.interpreter = String(printing: interpreter)
        let argument = words.dropFirst(interpreter.count).drop(while: isBlank)
        self.argument = argument.isEmpty ? nil : String(printing: argument)
    }

    /// The program that reads the script: behind `env`, the one that `env` looks for in `PATH`.
    package var program: String {
        guard interpreter == "env" || interpreter.hasSuffix("/env"), let argument else { return interpreter }
        let words = argument.split(separator: " ")
        return words.first { !$0.hasPrefix("-") && !$0.contains("=") }.map(String.init) ?? interpreter
    }
}

extension Shebang: CustomStringConvertible {
    /// `a shell script for /bin/sh`, `a script for python3`.
    package var description: String {
        let shells: Set<Substring> = ["sh", "bash", "dash", "ash", "zsh", "ksh", "fish"]
        let isShell = program.split(separator: "/").last.map(shells.contains) ?? false
        return "\(isShell ? "a shell script" : "a script") for \(program)"
    }
}
