import Glibc

/// The variables that the process was started with, read once and handed down: nothing else asks for one.
package enum ProcessEnvironment {
    package static let current: [String: String] = {
        var values: [String: String] = [:]
        // `environ` is a mutable global, which Swift 6 keeps us from reading; the kernel's copy says the same.
        for line in bytes().split(separator: 0) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: line[..<equals], as: UTF8.self)
            // The first counts, as for `getenv`.
            if values[name] == nil { values[name] = String(decoding: line[(equals + 1)...], as: UTF8.self) }
        }
        return values
    }()

    /// `nil` also if the variable is empty.
    package static subscript(name: String) -> String? { current[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func bytes() -> [UInt8] {
        let descriptor = open("/proc/self/environ", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return ByteReader(descriptor).bytes(limit: 16 << 20) ?? []
    }
}
