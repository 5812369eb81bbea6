/// The main section of a Java archive's `META-INF/MANIFEST.MF`.
///
/// JAR File Specification, § JAR Manifest: lines of `Name: value`, at most 72 bytes long; a space at the beginning goes on
/// with the line before. The main section ends at the first empty line.
package struct JarSection {
    private var lines: [String] = []

    package init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            guard !line.isEmpty else { return }
            if line.hasPrefix(" "), !lines.isEmpty {
                lines[lines.count - 1] += line.dropFirst()
            } else {
                lines.append(String(line))
            }
        }
    }

    /// The value of the attribute, without spaces at its ends; `nil` if absent or empty. Names have no case.
    package subscript(name: String) -> String? {
        let prefix = "\(name.lowercased()):"
        guard let line = lines.first(where: { $0.lowercased().hasPrefix(prefix) }) else { return nil }
        var value = line.dropFirst(prefix.count).drop { $0 == " " }
        while value.last == " " { value.removeLast() }
        return value.isEmpty ? nil : String(value)
    }
}
