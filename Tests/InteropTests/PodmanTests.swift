import TestSupport
import Testing

@Suite("podman loads what coracle writes")
struct PodmanTests {
    @Test("an archive is loaded with its name, configuration and digest")
    func load() throws {
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.probe(in: place, output: "image.tar"))
        // Nothing of it touches the machine's own images.
        let own = ["--root", place("storage"), "--runroot", place("run"), "--storage-driver", "vfs"]
        let loaded = try Command("podman", own + ["load", "-q", "-i", place("image.tar")]).output()
        #expect(loaded == "Loaded image: localhost/probe:1\n")
        let facts = try Command(
            "podman",
            own + [
                "image", "inspect", "--format", "{{.Digest}} {{.Config.User}} {{.Config.Entrypoint}} {{.Architecture}}",
                "localhost/probe:1",
            ]
        ).output()
        #expect(facts == "\(digest) 65532:65532 [/app/probe] amd64\n")
    }
}
