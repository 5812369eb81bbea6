@testable import OCI
import Testing

@Suite("MediaType")
struct MediaTypeTests {
    @Test(
        "a media type is of one kind at most",
        arguments: [
            ("application/vnd.oci.image.index.v1+json", "index"),
            ("application/vnd.docker.distribution.manifest.list.v2+json", "index"),
            ("application/vnd.oci.image.manifest.v1+json", "manifest"),
            ("application/vnd.docker.distribution.manifest.v2+json", "manifest"),
            ("application/vnd.oci.image.config.v1+json", ""),
            ("application/vnd.oci.image.layer.v1.tar", ""),
            ("application/vnd.oci.image.layer.v1.tar+gzip", "gzip"),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip"),
            ("application/vnd.oci.image.layer.v1.tar+zstd", ""),
            ("application/vnd.docker.distribution.manifest.v1+prettyjws", ""),
            ("application/json", ""),
            ("", ""),
        ]
    )
    func kinds(text: String, kinds: String) {
        let type = MediaType(rawValue: text)
        let found = [(type.isIndex, "index"), (type.isManifest, "manifest"), (type.isGzipLayer, "gzip")]
        #expect(found.filter(\.0).map(\.1).joined(separator: ", ") == kinds)
    }

    @Test(
        "parameters are dropped",
        arguments: [
            ("application/json", "application/json"), ("application/json; charset=utf-8", "application/json"),
            ("application/json \t;q=1;x", "application/json"), (";", ""), ("", ""),
        ]
    )
    func essence(text: String, essence: String) {
        #expect(MediaType(rawValue: text).essence.rawValue == essence)
    }

    @Test("parameters do not change what a media type is")
    func parameters() {
        #expect(MediaType(rawValue: "application/vnd.oci.image.manifest.v1+json; charset=utf-8").isManifest)
    }

    @Test(
        "a media type is two names of RFC 6838",
        arguments: [
            ("application/vnd.oci.image.layer.v1.tar+gzip", true), ("a/b", true), ("a/b; c=d", true),
            ("", false), ("a", false), ("/", false), ("a/", false), ("/b", false), ("a/b/c", false), ("a b/c", false),
            ("a/b\r\nX: y", false), ("a/b; c\n", false), (".a/b", false), ("a/caf\u{E9}", false),
            ("a/" + String(repeating: "b", count: 127), true), ("a/" + String(repeating: "b", count: 128), false),
        ]
    )
    func wellFormed(text: String, expected: Bool) {
        #expect(MediaType(rawValue: text).isWellFormed == expected)
    }
}
