import TestSupport
import Testing

@Suite("The registry in memory, used by skopeo")
struct FaultyRegistryTests {
    @Test("without a fault it takes images, and gives them back")
    func faultless() throws {
        let place = try TemporaryDirectory()
        let registry = try FaultyRegistry()
        let layer = try HandmadeImage.Layer("mkdir etc; echo hand >etc/name")
        let images = try ["amd64", "arm64"].map { architecture in
            (
                image: try HandmadeImage(layers: [layer], architecture: architecture),
                platform: #"{"os":"linux","architecture":"\#(architecture)"}"#
            )
        }
        let index = try HandmadeImage(of: images)
        registry.hold(index, in: "me/base", tag: "1")
        let source = "docker://\(registry.address)/me/base:1"
        try Skopeo.run(["copy", "-q", "--all", "--src-tls-verify=false", source, "oci:\(place("image")):1"])
        let target = "docker://\(registry.address)/you/base:2"
        try Skopeo.run(["copy", "-q", "--all", "--dest-tls-verify=false", "oci:\(place("image")):1", target])
        #expect(registry.manifest("2", in: "you/base") == index.top)
        #expect(registry.blobs(in: "you/base") == registry.blobs(in: "me/base"))
        #expect(
            try Skopeo.run(["list-tags", "--tls-verify=false", "docker://\(registry.address)/you/base"]).contains(
                "\"2\""
            )
        )
    }

    @Test("a fault takes the place of the right answer, as often as it wants")
    func faulty() throws {
        let registry = try FaultyRegistry { asked in
            asked.step == .getManifest && asked.number == 0
                ? FaultyRegistry.refusal(429, "TOOMANYREQUESTS", "slow down") : asked.answer
        }
        registry.hold(try HandmadeImage(layers: [HandmadeImage.Layer("touch x")]), in: "a", tag: "1")
        try Skopeo.run(["inspect", "--tls-verify=false", "docker://\(registry.address)/a:1"])
        #expect(registry.count(.getManifest) == 2)
    }
}
