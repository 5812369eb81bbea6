extension Int64 {
    /// As `12.3 MB`, in millions of bytes; small ones in kilobytes or bytes.
    package var inMegabytes: String {
        guard self >= 1000 else { return "\(self) B" }
        let (whole, unit) = self < 100_000 ? (self, "kB") : (self / 1000, "MB")
        let tenths = whole / 100 + (whole % 100 >= 50 ? 1 : 0)
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
