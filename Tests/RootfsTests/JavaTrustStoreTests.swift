import Rootfs
import TestSupport
import Testing

@Suite("The authorities that Java trusts")
struct JavaTrustStoreTests {
    @Test("another reader finds every certificate of the bundle, names that differ, no time, and the right checksum")
    func whole() throws {
        let bundle = try CertificateBundle.embedded()
        let place = try TemporaryDirectory()
        let file = try place.file("cacerts", JavaTrustStore.encode(bundle))
        try place.file("bundle.pem", bundle.pem)
        let script = """
            import hashlib, re, ssl, struct, sys
            data = open(sys.argv[1], "rb").read()
            magic, version, count = struct.unpack(">III", data[:12])
            at, names, found = 12, set(), []
            def text(at):
                size, = struct.unpack(">H", data[at:at + 2])
                return data[at + 2:at + 2 + size].decode("ascii"), at + 2 + size
            for _ in range(count):
                tag, = struct.unpack(">I", data[at:at + 4])
                name, at = text(at + 4)
                time, = struct.unpack(">Q", data[at:at + 8])
                kind, at = text(at + 8)
                size, = struct.unpack(">I", data[at:at + 4])
                found.append(data[at + 4:at + 4 + size])
                at += 4 + size
                assert (tag, time, kind) == (2, 0, "X.509") and name == name.lower()
                names.add(name)
            salt = "changeit".encode("utf-16-be") + b"Mighty Aphrodite"
            assert hashlib.sha1(salt + data[:at]).digest() == data[at:]
            pem = re.findall("-----BEGIN[^-]*-----[^-]*-----END[^-]*-----", open(sys.argv[2]).read())
            assert found == [ssl.PEM_cert_to_DER_cert(block) for block in pem]
            print(hex(magic), version, count == len(names) == len(pem) > 100)
            """
        #expect(try Tool.python(script, [file, place("bundle.pem")]) == "0xfeedfeed 2 True\n")
    }
}
