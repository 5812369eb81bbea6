import TestSupport
import Testing

@Suite("Options as ko has them")
struct KoAliasTests {
    @Test(
        "an alias builds what the option builds",
        arguments: [
            (["--image-label", "a=b"], ["--label", "a=b"]),
            (["--image-annotation", "a=b"], ["--annotation", "a=b"]),
            (["--image-user", "1000:1000"], ["--user", "1000:1000"]),
            (["--platform", "linux/amd64"], []),
            (["--bare", "-t", "a:1"], ["-t", "a:1"]),
        ]
    )
    func sameDigest(alias: [String], option: [String]) throws {
        let place = try Sample.program()
        let expected = try Built.coracle(["build", "hello", "-o", "a"] + option, directory: place.path).output()
        #expect(try Built.coracle(["build", "hello", "-o", "b"] + alias, directory: place.path).output() == expected)
    }

    @Test("a label and a user are not ignored", arguments: [["--image-label", "a=b"], ["--image-user", "1000"]])
    func notIgnored(alias: [String]) throws {
        let place = try Sample.program()
        let plain = try Built.coracle(["build", "hello", "-o", "a"], directory: place.path).output()
        #expect(try Built.coracle(["build", "hello", "-o", "b"] + alias, directory: place.path).output() != plain)
    }

    @Test("`--oci-layout-path` is the output")
    func layoutPath() throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "--oci-layout-path", "there"], directory: place.path).output()
        #expect(try names(in: place("there")) == ["blobs", "index.json", "oci-layout"])
    }

    @Test("`--tarball` is an archive, whatever its name")
    func tarball() throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "--tarball", "image.bin"], directory: place.path).output()
        let listing = try Command("tar", ["tf", place("image.bin")]).output().split(separator: "\n")
        #expect(listing.contains("oci-layout") && listing.contains("manifest.json"))
    }

    @Test("`--tags` are tags of the program's name")
    func tags() throws {
        let place = try Sample.program()
        let output = try Built.coracle(["build", "hello", "--tags", "1.0,latest", "-o", "x"], directory: place.path)
            .output()
        #expect(output.hasPrefix("hello:1.0@sha256:"), "\(output)")
        #expect(try LayoutState(of: place("x")).tags == ["1.0", "latest"])
    }
}
