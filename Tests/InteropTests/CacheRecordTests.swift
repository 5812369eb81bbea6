import TestSupport
import Testing

@Suite("Records of layers in a registry")
struct CacheRecordTests {
    /// A directory whose layer has many blocks.
    private func bench(_ kind: RegistryUnderTest.Kind = .anonymous) throws -> ReuseBench {
        let bench = try ReuseBench(kind)
        for index in 0..<60 {
            try bench.place.file("app/data/f\(index)", ReuseBench.noise(100_000, seed: UInt64(index)))
        }
        return bench
    }

    private func blocks(_ printed: String) -> (reused: Int, count: Int)? {
        printed.firstMatch(of: #/coracle: \/app: built: (\d+) of (\d+) blocks are those of/#).flatMap { match in
            Int(match.1).flatMap { reused in Int(match.2).map { (reused, $0) } }
        }
    }

    @Test(
        "a machine that starts empty goes on from the blocks of another, and the digest is that of a build from nothing"
    )
    func blocks() throws {
        let bench = try bench()
        let (name, cache) = (bench.registry("me/app:1"), bench.registry("me/app:cache"))
        let options = ["-t", name, "--push", "--cache-from", cache, "--cache-to", cache, "--explain"]
        let first = try bench.built(options, on: "one")
        #expect(first.printed.contains("note: there is no `\(cache)`"), "\(first.printed)")
        var bytes = ReuseBench.noise(100_000, seed: 7)
        bytes[5000] ^= 1
        try bench.place.file("app/data/f7", bytes)
        let second = try bench.built(options, on: "two")
        let found = try #require(blocks(second.printed), "\(second.printed)")
        #expect(found.reused > found.count / 2, "\(second.printed)")
        #expect(try second.digest == bench.clean([], named: name))
        // The records of the second are there for the third.
        let third = try bench.built(options, on: "three")
        #expect(blocks(third.printed).map { $0.reused == $0.count } == true, "\(third.printed)")
        #expect(third.digest == second.digest)
        // skopeo can copy artifacts, too.
        let raw = try Skopeo.run(["inspect", "--raw", "--tls-verify=false", "docker://\(cache)"])
        #expect(raw.contains(#""artifactType":"application/vnd.coracle.cache.v1""#))
    }

    /// Changes every table of the artifact in the layout `sys.argv[1]`, or a layer.
    private static let script = """
        import hashlib, json, os, sys
        layout, poison = sys.argv[1:3]
        def path(digest): return os.path.join(layout, "blobs/sha256", digest.split(":")[1])
        index = json.load(open(os.path.join(layout, "index.json")))
        manifest = json.load(open(path(index["manifests"][0]["digest"])))
        def put(entry, data):
            digest = "sha256:" + hashlib.sha256(data).hexdigest()
            open(path(digest), "wb").write(data)
            entry["digest"], entry["size"] = digest, len(data)
        for entry in manifest["layers"]:
            if not entry["mediaType"].endswith("record.v1"): continue
            data = bytearray(open(path(entry["digest"]), "rb").read())
            if poison == "truncated": data = data[:len(data) // 2]
            elif poison == "flipped":
                for i in range(400, len(data), 97): data[i] ^= 0x10
            elif poison == "empty": data = bytearray()
            elif poison == "noise": data = bytearray(os.urandom(5000))
            put(entry, bytes(data))
        if poison == "swapped":
            records = [e for e in manifest["layers"] if e["mediaType"].endswith("record.v1")]
            records[0]["annotations"], records[-1]["annotations"] = records[-1]["annotations"], records[0]["annotations"]
        if poison == "gone": manifest["layers"] = [e for e in manifest["layers"] if e["mediaType"].endswith("record.v1")]
        put(index["manifests"][0], json.dumps(manifest).encode())
        json.dump(index, open(os.path.join(layout, "index.json"), "w"))
        """

    @Test(
        "damaged or forged records do not change what is built",
        arguments: ["truncated", "flipped", "empty", "noise", "swapped", "gone"]
    )
    func poisoned(_ poison: String) throws {
        let bench = try bench()
        let cache = bench.registry("me/app:cache")
        try bench.built(["-t", "me/app:1", "-o", "one.oci", "--cache-to", cache], on: "one")
        try bench.registry.coracle(["copy", cache, "oci:\(bench.place("cache")):1"], in: bench.place)
        try Tool.python(Self.script, [bench.place("cache"), poison])
        try bench.registry.coracle(["copy", "oci:\(bench.place("cache")):1", cache], in: bench.place)
        let built = try bench.built(["-t", "me/app:1", "-o", "two.oci", "--cache-from", cache, "--explain"], on: "two")
        #expect(try built.digest == bench.clean([], named: "me/app:1"), "\(poison): \(built.printed)")
    }

    @Test("a cache that cannot be written is a note, and the image is built")
    func notKept() throws {
        let bench = try bench()
        let locked = try RegistryUnderTest(.password)
        let built = try bench.built(
            ["-t", "me/app:1", "-o", "one.oci", "--cache-to", locked("me/app:cache")],
            on: "one"
        )
        #expect(built.printed.contains("note: nothing was stored in `\(locked("me/app:cache"))`"), "\(built.printed)")
    }
}
