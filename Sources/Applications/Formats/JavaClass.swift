/// What a Java class file says: which class it is, which Java it needs, and whether it can be started.
///
/// The Java Virtual Machine Specification, § 4.1.
struct JavaClass: Hashable {
    /// The Java version that it needs at least, such as 21.
    let version: Int
    /// With slashes, as its file is named: `com/example/Main`.
    let name: String
    /// Whether it has a `public static void main(String[])`.
    let hasMain: Bool

    /// `nil` if `bytes` are not a whole class file.
    init?(_ bytes: [UInt8]) {
        guard let file = ClassFile(bytes) else { return nil }
        var reader = ClassReader(bytes, at: 8)
        guard let pool = ConstantPool(&reader), reader.skip(2), let this = reader.number(2),
            let name = pool.className(this), reader.skip(2), let interfaces = reader.number(2),
            reader.skip(2 * interfaces), reader.members() != nil, let methods = reader.members()
        else { return nil }
        version = file.version
        self.name = name
        hasMain = methods.contains { method in
            // § 4.6: ACC_PUBLIC and ACC_STATIC.
            method.flags & 0x0009 == 0x0009 && pool.text(method.name) == "main"
                && pool.text(method.descriptor) == "([Ljava/lang/String;)V"
        }
    }
}

/// The parts of a class file's table of constants that name things.
///
/// § 4.4.
private struct ConstantPool {
    private var texts: [Int: String] = [:]
    private var classes: [Int: Int] = [:]

    init?(_ reader: inout ClassReader) {
        guard let count = reader.number(2) else { return nil }
        var index = 1
        while index < count {
            guard let tag = reader.number(1) else { return nil }
            switch tag {
            case 1:
                guard let length = reader.number(2), let bytes = reader.bytes(length) else { return nil }
                // Names of classes and methods are ASCII nearly always; other text is not compared with anything.
                texts[index] = String(decoding: bytes, as: UTF8.self)
            case 7:
                guard let name = reader.number(2) else { return nil }
                classes[index] = name
            case 8, 16, 19, 20: guard reader.skip(2) else { return nil }
            case 15: guard reader.skip(3) else { return nil }
            case 3, 4, 9, 10, 11, 12, 17, 18: guard reader.skip(4) else { return nil }
            case 5, 6:
                guard reader.skip(8) else { return nil }
                // § 4.4.5: these take two places.
                index += 1
            default: return nil
            }
            index += 1
        }
    }

    func text(_ index: Int) -> String? { texts[index] }
    func className(_ index: Int) -> String? { classes[index].flatMap { texts[$0] } }
}

/// Reads big-endian numbers of a class file, one after the other.
private struct ClassReader {
    struct Member {
        let flags: Int
        let name: Int
        let descriptor: Int
    }

    private let content: [UInt8]
    private var offset: Int

    init(_ bytes: [UInt8], at offset: Int) {
        content = bytes
        self.offset = offset
    }

    /// A number of up to four bytes; `nil` at the end.
    mutating func number(_ count: Int) -> Int? { bytes(count)?.reduce(0) { $0 << 8 | Int($1) } }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= content.count - offset else { return nil }
        defer { offset += count }
        return content[offset..<offset + count]
    }

    mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

    /// The fields or the methods; `nil` if they are cut off. § 4.5, § 4.6.
    mutating func members() -> [Member]? {
        guard let count = number(2) else { return nil }
        var members = [Member]()
        for _ in 0..<count {
            guard let flags = number(2), let name = number(2), let descriptor = number(2), let attributes = number(2)
            else { return nil }
            for _ in 0..<attributes {
                guard skip(2), let length = number(4), skip(length) else { return nil }
            }
            members.append(Member(flags: flags, name: name, descriptor: descriptor))
        }
        return members
    }
}
