package import Diagnostics

/// Somewhere bytes go, in order.
package protocol ByteSink: ~Copyable {
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic)
}

extension ByteSink where Self: ~Copyable {
    package mutating func write(_ bytes: [UInt8]) throws(Diagnostic) {
        var failure: Diagnostic?
        bytes.withUnsafeBytes { bytes in
            do throws(Diagnostic) {
                try write(bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
