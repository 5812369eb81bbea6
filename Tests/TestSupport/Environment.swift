import Glibc

/// The environment of the test process, read once.
package enum Environment {
    package static let current: [String: String] = {
        var values = [String: String]()
        // `environ` is a mutable global, which Swift 6 keeps us from reading; the kernel's copy says the same.
        guard let bytes = try? readFile("/proc/self/environ") else { return values }
        for line in bytes.split(separator: 0) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: line[..<equals], as: UTF8.self)
            values[name] = String(decoding: line[(equals + 1)...], as: UTF8.self)
        }
        return values
    }()

    /// Where temporary files go.
    package static let temporaryFolder = current["TMPDIR"] ?? "/tmp"
}
