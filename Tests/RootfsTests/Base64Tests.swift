import Testing

@testable import Rootfs

@Suite struct Base64Tests {
    @Test(
        "RFC 4648's own examples are written and read",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func examples(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == Array(text.utf8))
        #expect(Base64.decode(Array(text.utf8)) == Array(plain.utf8))
    }

    @Test("every byte survives at every place in a group", arguments: 0..<3)
    func everyByte(offset: Int) {
        let bytes = [UInt8](repeating: 0xA5, count: offset) + Array(0...255)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test(
        "a text that no encoder writes is refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=Zg=", "Zg=a", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n", "Zm-_",
            "Zm 9v",
        ]
    )
    func refused(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }
}
