import Diagnostics

/// What is wrong with an entry, without where it is.
enum TarReadProblem: Error {
    case malformed(String)
    case unsupported(String)
    /// A name or a hard link's target, with `..` in it.
    case escapes([UInt8])
    /// Said already, with its place.
    case other(Diagnostic)
}
