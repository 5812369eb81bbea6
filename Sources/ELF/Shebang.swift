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
    /// Whether the interpreter's name does not end within the 256 bytes that Linux reads: then the script does not start. Of a
    /// longer line with a shorter name the rest is lost.
    package let isTooLong: Bool

    package init(interpreter: String, argument: String?, endsInCarriageReturn: Bool, isTooLong: Bool) {
        self.interpreter = interpreter
        self.argument = argument
        self.endsInCarriageReturn = endsInCarriageReturn
        self.isTooLong = isTooLong
    }

    /// Size of what Linux reads of a program to know how to start it, in bytes.
    private static let bufferSize = 256

    /// `nil` unless `start` begins with `#!` and names a program.
    init?(_ start: some Collection<UInt8>) {
        guard start.starts(with: [0x23, 0x21]) else { return nil }
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var line = Array(start.dropFirst(2).prefix { $0 != 0x0A && $0 != 0 })
        // BINPRM_BUF_SIZE; `#!` counts, too.
        if line.count + 2 >= Self.bufferSize {
            line = Array(line.prefix(Self.bufferSize - 2))
            isTooLong = !line.drop(while: isBlank).contains(where: isBlank)
            // The last byte of the buffer is for a NUL.
            if !isTooLong { line.removeLast() }
        } else {
            isTooLong = false
        }
        endsInCarriageReturn = line.last == 0x0D
        if endsInCarriageReturn { line.removeLast() }
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

    /// What that program is given before the script's own path.
    package var programArguments: [String] {
        guard let argument else { return [] }
        guard program != interpreter else { return [argument] }
        // `env` passes on what follows the program's name, if `-S` has it take the words apart.
        return argument.split(separator: " ").drop { $0 != program }.dropFirst().map(String.init)
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
