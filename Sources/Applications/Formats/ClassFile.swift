/// What a Java class file says of itself.
///
/// The Java Virtual Machine Specification, § 4.1.
struct ClassFile: Hashable {
    /// The Java version that it needs at least, such as 21.
    let version: Int

    /// - Parameter start: the first eight bytes, or more.
    init?(_ start: some Collection<UInt8>) {
        let bytes = Array(start.prefix(8))
        guard bytes.count == 8, bytes.starts(with: [0xCA, 0xFE, 0xBA, 0xBE]) else { return nil }
        let major = Int(bytes[6]) << 8 | Int(bytes[7])
        // Java 1.1 is 45, and each version after it one more.
        guard (45...200).contains(major) else { return nil }
        version = major - 44
    }
}
