import ByteIO
import Diagnostics
@testable import Images
import OCI
import Testing

@Suite("What a user writes to say where an image is")
struct TransferLocationTests {
    /// A machine with these files.
    private static let files = KnownFiles(
        exists: { ["here", "here:1.0", "odd:name", "/a:b"].contains($0.display) || kinds[$0.display] != nil },
        kind: { kinds[$0.display] }
    )
    private static let kinds: [String: KnownFiles.Kind] = [
        "server.oci": .layout, "dir/x": .layout, "image.bin": .archive,
    ]

    @Test(
        "a place is read as skopeo reads it; what is there decides where a colon can be either",
        arguments: [
            ("oci:out", .layout("out", name: nil)),
            ("oci:out:1.0", .layout("out", name: "1.0")),
            ("oci:/tmp/out:latest", .layout("/tmp/out", name: "latest")),
            ("oci:out:ghcr.io/me/app:1.0", .layout("out", name: "ghcr.io/me/app:1.0")),
            ("oci:out:localhost:5000/app:1", .layout("out", name: "localhost:5000/app:1")),
            ("oci:here:1.0", .layout("here:1.0", name: nil)),
            ("oci:odd:name:1.0", .layout("odd:name", name: "1.0")),
            ("oci:/a:b", .layout("/a:b", name: nil)),
            ("oci:/a:b:c/d:2", .layout("/a:b", name: "c/d:2")),
            ("oci:sub/dir/", .layout("sub/dir", name: nil)),
            ("oci-archive:x.tar:me/app:1", .archive("x.tar", name: "me/app:1")),
            ("docker-archive:x.tar", .dockerArchive("x.tar", name: nil)),
            ("./x", .layout("./x", name: nil)),
            ("../x.tar", .archive("../x.tar", name: nil)),
            ("/x/y.oci", .layout("/x/y.oci", name: nil)),
            ("out.tar", .archive("out.tar", name: nil)),
            ("new.oci", .layout("new.oci", name: nil)),
        ] as [(String, ImageLocation)]
    )
    func places(text: String, expected: ImageLocation) throws {
        #expect(try ImageLocation(parsing: text, on: Self.files) == expected)
    }

    @Test(
        "anything else is a reference",
        arguments: [
            ("ubuntu", "docker.io/library/ubuntu:latest"), ("docker://ubuntu:24.04", "docker.io/library/ubuntu:24.04"),
            ("here", "docker.io/library/here:latest"), ("ghcr.io/me/x.tar", "ghcr.io/me/x.tar:latest"),
            ("x.tar:1", "docker.io/library/x.tar:1"), ("oci/app:1", "docker.io/oci/app:1"),
        ]
    )
    func references(text: String, expected: String) throws {
        guard case .registry(let reference) = try ImageLocation(parsing: text, on: Self.files) else {
            Issue.record("no reference: \(text)")
            return
        }
        #expect(reference.normalized == expected)
    }

    @Test(
        "to read an image, the path of an existing one is enough",
        arguments: [
            ("server.oci", .layout("server.oci", name: nil)), ("dir/x", .layout("dir/x", name: nil)),
            ("image.bin", .archive("image.bin", name: nil)), ("oci:out:1", .layout("out", name: "1")),
        ] as [(String, ImageLocation)]
    )
    func sources(text: String, expected: ImageLocation) throws {
        #expect(try ImageLocation(source: text, on: Self.files) == expected)
    }

    @Test("another directory is not an image, and its name counts as a reference")
    func otherDirectory() throws {
        #expect(try ImageLocation(source: "here", on: Self.files) == .registry(Reference(parsing: "here")))
    }

    @Test(
        "what can only be a path is one",
        arguments: [("ubuntu", .layout("ubuntu", name: nil)), ("a/b.tar", .archive("a/b.tar", name: nil))]
            as [(String, ImageLocation)]
    )
    func paths(text: String, expected: ImageLocation) throws {
        #expect(try ImageLocation(path: text, on: Self.files) == expected)
    }

    @Test(
        "a text that names no place is refused",
        arguments: [
            ("oci:", "location.malformed"), ("oci::1.0", "location.malformed"), ("oci:out:", "location.malformed"),
            ("oci:out:a b", "location.malformed"), ("oci-archive::", "location.malformed"),
            ("", "reference.malformed"), ("docker://", "reference.malformed"),
            ("https://ghcr.io/me/app", "reference.malformed"), ("Me/App", "reference.malformed"),
            ("docker-daemon:app:1", "location.malformed"), ("containers-storage:app", "location.malformed"),
            ("dir:app", "location.malformed"),
        ]
    )
    func refused(text: String, code: String) {
        let error = #expect(throws: Diagnostic.self) { try ImageLocation(parsing: text, on: Self.files) }
        #expect(error?.code.rawValue == code)
    }

    @Test("standard input and output are refused as places", arguments: ["-", ""])
    func streams(text: String) {
        let error = #expect(throws: Diagnostic.self) { try ImageLocation(path: text, on: Self.files) }
        #expect(error?.code.rawValue == "location.malformed")
    }

    @Test("a reference may have skopeo's `docker://`", arguments: ["ghcr.io/me/app:1", "docker://ghcr.io/me/app:1"])
    func skopeoReference(text: String) throws {
        #expect(try ImageLocation.reference(parsing: text).normalized == "ghcr.io/me/app:1")
    }

    @Test(
        "a place is written as it is read",
        arguments: ["oci:out:1.0", "oci-archive:x.tar", "docker-archive:x.tar:a/b:1"]
    )
    func written(text: String) throws {
        #expect(try ImageLocation(parsing: text, on: Self.files).description == text)
    }

    @Test(
        "the cache is where the environment says",
        arguments: [
            (["HOME": "/h"], "/h/.cache/coracle"), (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/coracle"),
            (["HOME": "/h", "XDG_CACHE_HOME": "relative"], "/h/.cache/coracle"),
            (["HOME": "/h", "XDG_CACHE_HOME": ""], "/h/.cache/coracle"),
            (["HOME": "/h", "XDG_CACHE_HOME": "/x", "CORACLE_CACHE": "/c"], "/c"),
            (["HOME": ""], nil), ([:], nil),
        ] as [([String: String], String?)]
    )
    func cachePlace(environment: [String: String], expected: String?) {
        #expect(RegistrySettings(environment: environment).cachePlace?.display == expected)
    }
}
