package import Diagnostics

/// Takes bytes in order.
package protocol ByteSink: ~Copyable {
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic)
}

extension ByteSink where Self: ~Copyable {
    package mutating func write(_ bytes: [UInt8]) throws(Diagnostic) {
        try bytes.withUnsafeBufferPointer { bytes throws(Diagnostic) in try write(UnsafeRawBufferPointer(bytes)) }
    }
}
