extension String {
    /// The text of a name that need not be text: bytes that are not UTF-8 are shown as `\xNN`.
    package init(printing bytes: some Collection<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self = text
            return
        }
        var text = ""
        var rest = bytes[...]
        while let byte = rest.first {
            // Longest first, so that a whole scalar is taken; a scalar has at most four bytes.
            let scalar = (1...4).lazy.compactMap { length -> (Int, String)? in
                let candidate = rest.prefix(length)
                guard candidate.count == length, let text = String(validating: candidate, as: UTF8.self) else {
                    return nil
                }
                return (length, text)
            }.first
            if let (length, character) = scalar {
                text += character
                rest = rest.dropFirst(length)
            } else {
                text += "\\x" + hexadecimal(byte)
                rest = rest.dropFirst()
            }
        }
        self = text
    }

    /// The text made safe for a terminal: control characters, and those that reorder text, are escaped,
    /// so that a file's name or an image's label cannot move the cursor or hide what follows.
    package var escapedForTerminal: String {
        guard unicodeScalars.contains(where: \.isUnsafeOnTerminal) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.isUnsafeOnTerminal:
                let isASCII = scalar.value < 0x80
                text += isASCII ? "\\x" + hexadecimal(UInt8(scalar.value)) : "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
}

extension Unicode.Scalar {
    fileprivate var isUnsafeOnTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
