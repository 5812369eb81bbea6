extension ArraySlice<UInt8> {
    /// Whether the bytes of `mark` are among these: as text they would have to be understood first.
    @inlinable
    package func contains(_ mark: StaticString) -> Bool {
        let length = mark.utf8CodeUnitCount
        guard count >= length else { return false }
        return (startIndex...endIndex - length).contains { self[$0..<$0 + length].starts(with: mark) }
    }

    @inlinable
    package func hasSuffix(_ mark: StaticString) -> Bool {
        count >= mark.utf8CodeUnitCount && suffix(mark.utf8CodeUnitCount).starts(with: mark)
    }

    @usableFromInline
    package func starts(with mark: StaticString) -> Bool { mark.withUTF8Buffer { elementsEqual($0) } }
}
