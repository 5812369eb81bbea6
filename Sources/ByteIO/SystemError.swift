package import Diagnostics
import Glibc

/// The error number of a failed system call.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let number: Int32

    package init(number: Int32) { self.number = number }

    /// The error of the system call that has just failed on this thread.
    package static var last: SystemError { SystemError(number: errno) }

    /// The C library's message, such as `No space left on device`.
    package var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress, strerror_r(number, text, buffer.count) == 0 else {
                return "error \(number)"
            }
            return String(cString: text)
        }
    }

    /// The message for an error of `OpenFile.readAll(limit:)`, which uses two numbers for errors of its own.
    package func description(readingAtMost limit: Int) -> String {
        switch number {
        case EFBIG: "it has more than \(limit) bytes"
        case EINVAL: "it is not a regular file"
        default: description
        }
    }

    /// What to do about it, if that is known.
    package var hint: String? {
        switch number {
        case ENOSPC, EDQUOT: "free some space, or write to another place with `-o`"
        case EROFS: "write to another place with `-o`"
        case EFBIG: "a file-size limit was reached (`ulimit -f`): raise it, or write to another place with `-o`"
        case EMFILE, ENFILE: "too many files are open: raise the limit with `ulimit -n`"
        case EACCES, EPERM: "check who owns it and its mode"
        case ENOTDIR: "a part of the path is not a directory: name another place"
        default: nil
        }
    }

    /// This error as a problem of the local machine.
    ///
    /// `action` completes the sentence "cannot …", as in `write the layer`.
    package func diagnostic(_ action: String, _ path: String) -> Diagnostic {
        Diagnostic(.io, "cannot \(action)", at: .file(path: path), because: description, hint: hint)
    }
}

extension Diagnostic.Code {
    /// The local machine failed: a full disk, a missing permission, a read-only file system.
    package static let io = Self("io.failed", .localIO)
}

/// Repeats a system call while a signal interrupts it.
package func retrying<Result: FixedWidthInteger>(_ call: () -> Result) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw .last }
    }
}
