import TestSupport
import Testing

@Suite("An image that lies about its layers")
struct PoisonedCacheTests {
    /// What is wrong with the image that layers are to be taken from.
    enum Poison: String, CaseIterable {
        /// Another tar, whose diffID the config gives as that of the right one.
        case diffID
        /// The right tar, compressed otherwise than the manifest says.
        case compression
        /// The right layer, said to be compressed by another coracle.
        case otherCoracle
        /// A size that is not the blob's.
        case size
        /// A blob that is not a layer.
        case garbage
    }

    /// Rewrites the top layer of the image in the layout `sys.argv[1]`.
    private static let script = """
        import gzip, hashlib, io, json, os, sys, tarfile
        layout, poison = sys.argv[1:3]
        def path(digest): return os.path.join(layout, "blobs/sha256", digest.split(":")[1])
        def put(data):
            digest = "sha256:" + hashlib.sha256(data).hexdigest()
            open(path(digest), "wb").write(data)
            return digest, len(data)
        index = json.load(open(os.path.join(layout, "index.json")))
        manifest = json.load(open(path(index["manifests"][0]["digest"])))
        layer = manifest["layers"][-1]
        right = gzip.decompress(open(path(layer["digest"]), "rb").read())
        if poison == "diffID":
            out = io.BytesIO()
            tar = tarfile.open(fileobj=out, mode="w")
            entry = tarfile.TarInfo("app/server"); entry.size = 4; entry.mode = 0o755
            tar.addfile(entry, io.BytesIO(b"evil")); tar.close()
            layer["digest"], layer["size"] = put(gzip.compress(out.getvalue(), mtime=0))
        elif poison == "compression":
            layer["digest"], layer["size"] = put(gzip.compress(right, 1, mtime=0))
        elif poison == "otherCoracle":
            layer["annotations"]["dev.coracle.layer.compression"] = "libdeflate 0.1, level 1, blocks of clay"
        elif poison == "size":
            layer["size"] += 1
        elif poison == "garbage":
            layer["digest"], layer["size"] = put(b"\\x1f\\x8bgarbage" * 100)
        data = json.dumps(manifest).encode()
        index["manifests"][0]["digest"], index["manifests"][0]["size"] = put(data)
        json.dump(index, open(os.path.join(layout, "index.json"), "w"))
        """

    @Test("it does not change the image, and is reported", arguments: Poison.allCases)
    func poisoned(_ poison: Poison) throws {
        let bench = try ReuseBench()
        let clean = try bench.clean([], named: "me/app:1")
        try bench.built(["-t", "localhost/poison:1", "-o", "poison", "--cache-from", "none"], on: "attacker")
        try Tool.python(Self.script, [bench.place("poison"), poison.rawValue])
        var sources = ["poison"]
        // No registry takes a manifest with a wrong size.
        if poison != .size {
            // Byte for byte: skopeo would compress what is not gzip.
            try bench.registry.coracle(["copy", "oci:poison:1", bench.registry("me/evil:1")], in: bench.place)
            sources.append(bench.registry("me/evil:1"))
        }
        for (index, source) in sources.enumerated() {
            // Nothing of it is remembered either: the second build is as wary as the first.
            for round in 0..<2 {
                let built = try bench.built(
                    ["-t", "me/app:1", "-o", "out-\(index)-\(round)", "--cache-from", source, "--explain"],
                    on: "victim-\(index)-\(round)"
                )
                #expect(built.digest == clean, "\(poison) \(source)")
                if poison == .otherCoracle {
                    #expect(
                        built.printed.contains("coracle: /app: built: `\(source)` has it compressed by libdeflate 0.1"),
                        "\(built.printed)"
                    )
                } else {
                    #expect(built.printed.contains("note: a layer is built, although `\(source)`"), "\(built.printed)")
                    #expect(
                        built.printed.contains("coracle: /app: built: `\(source)` has another layer"),
                        "\(built.printed)"
                    )
                }
                #expect(built.printed.contains("zones, accounts): reused: `\(source)` has it") || poison == .size)
                try Built.coracle(["validate", bench.place("out-\(index)-\(round)")]).output()
            }
        }
    }

    @Test("a registry or a layout that gives other bytes under a digest is found out", arguments: [true, false])
    func otherBytes(isInRegistry: Bool) throws {
        let bench = try ReuseBench()
        let name = isInRegistry ? bench.registry("me/app:1") : "poison"
        try bench.built(["-t", bench.registry("me/app:1"), "-o", "poison", "--push"], on: "one")
        let layer = try #require(bench.layers(bench.registry("me/app:1")).last)
        let blob =
            isInRegistry
            ? bench.registry.server.blobPath(layer) : bench.place("poison/blobs/sha256/\(layer.dropFirst(7))")
        var bytes = try readFile(blob)
        // Behind what is compressed again and compared.
        bytes[bytes.count - 5000] ^= 1
        try writeFile(blob, bytes)
        let built = try bench.built(["-t", "me/app:1", "-o", "out", "--cache-from", name, "--explain"], on: "two")
        #expect(built.printed.contains("note: a layer is built, although"), "\(built.printed)")
        #expect(try built.digest == bench.clean([], named: "me/app:1"))
        try Built.coracle(["validate", bench.place("out")]).output()
    }
}
