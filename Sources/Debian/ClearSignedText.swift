import Diagnostics

/// The single clear-signed message of a file, cut out so that a verifier sees nothing else.
///
/// Programs differ in how they treat text around such messages. Therefore nothing may come before the message, it may have
/// no header but `Hash`, and text after it is dropped.
///
/// RFC 9580 § 7.
struct ClearSignedText {
    /// The bytes from the line `BEGIN PGP SIGNED MESSAGE` to the line `END PGP SIGNATURE`.
    let message: [UInt8]

    /// `nil` if there is no such message, or an ambiguous one.
    init?(in file: [UInt8]) {
        var place = Place.start
        var offset = 0
        while offset < file.count {
            let end = file[offset...].firstIndex(of: 0x0A) ?? file.count
            var line = file[offset..<end]
            offset = min(end + 1, file.count)
            if line.last == 0x0D { line = line.dropLast() }
            // A NUL or form feed ends a line for some programs.
            guard line.allSatisfy({ $0 >= 0x20 || $0 == 0x09 }) else { return nil }
            guard let next = place.next(line) else { return nil }
            place = next
            if case .end = place {
                message = Array(file[..<offset])
                return
            }
        }
        return nil
    }

    private enum Place {
        case start, headers, text, signature, end

        /// The part of the message that follows `line`; `nil` if the line must not be here.
        func next(_ line: ArraySlice<UInt8>) -> Place? {
            func isLine(_ text: String) -> Bool { line.elementsEqual(text.utf8) }
            switch self {
            case .start: return isLine("-----BEGIN PGP SIGNED MESSAGE-----") ? .headers : nil
            case .headers:
                if line.isEmpty { return .text }
                return line.starts(with: "Hash: ".utf8) ? .headers : nil
            case .text:
                if isLine("-----BEGIN PGP SIGNATURE-----") { return .signature }
                // Lines of the text that begin with a hyphen are escaped by one more and a space.
                return line.first != UInt8(ascii: "-") || line.starts(with: "- ".utf8) ? .text : nil
            case .signature:
                if isLine("-----END PGP SIGNATURE-----") { return .end }
                return line.first != UInt8(ascii: "-") ? .signature : nil
            case .end: return nil
            }
        }
    }
}
