import ByteIO
import Diagnostics
import Kubernetes
import Pins
import TestSupport
import Testing

@Suite("Images of a kustomization")
struct KustomizationTests {
    private static let digest = ManifestTests.digest

    private func edited(_ text: String, _ names: [String], isTagOnly: Bool = false) throws -> String {
        let place = try TemporaryDirectory()
        try place.file("kustomization.yaml", text)
        let file = try PinnedFile(readingFrom: FilePath(place("kustomization.yaml")))
        let images = try names.map { name in
            let manifest = try Manifest(reading: Array("coracle://\(name)".utf8), named: "x")
            let image = ResolvedImage(
                repository: "r.example/\(name)",
                tag: "1.0",
                digest: isTagOnly ? nil : Self.digest
            )
            return (manifest.mentions[0], image)
        }
        let replacements = try Kustomization(file).replacements(images)
        return String(decoding: file.bytes(replacing: replacements), as: UTF8.self)
    }

    @Test(
        "the images are put where they are named, and added where they are not",
        arguments: [
            (
                "# top\nresources: [a.yaml]\n",
                "# top\nresources: [a.yaml]\nimages:\n- name: coracle://a\n  newName: r.example/a\n  digest: \(digest)\n"
            ),
            ("", "images:\n- name: coracle://a\n  newName: r.example/a\n  digest: \(digest)\n"),
            (
                "images:\n  - name: coracle://a # it\n    newName: x/y\n    digest: sha256:00\nx: y\n",
                "images:\n  - name: coracle://a # it\n    newName: r.example/a\n    digest: \(digest)\nx: y\n"
            ),
            (
                "images:\n- name: coracle://a # it\n- name: other\n  newTag: '2'\n",
                "images:\n- name: coracle://a # it\n  newName: r.example/a\n  digest: \(digest)\n- name: other\n  newTag: '2'\n"
            ),
            (
                "images:\n# first\n- newTag: \"0.9\"\n  name: 'coracle://a'\n",
                "images:\n# first\n- newTag: \"1.0\"\n  name: 'coracle://a'\n  newName: r.example/a\n  digest: \(digest)\n"
            ),
            (
                "images:\n  - name: other\n",
                "images:\n  - name: coracle://a\n    newName: r.example/a\n    digest: \(digest)\n  - name: other\n"
            ),
            ("images: []\n", "images: [{name: coracle://a, newName: r.example/a, digest: \"\(digest)\"}]\n"),
            (
                "images: [{name: other}]",
                "images: [{name: coracle://a, newName: r.example/a, digest: \"\(digest)\"}, {name: other}]"
            ),
            (
                "{\"images\": [{\"name\": \"coracle://a\"}]}",
                "{\"images\": [{\"name\": \"coracle://a\", \"newName\": \"r.example/a\", \"digest\": \"\(digest)\"}]}"
            ),
            (
                "images:\r\nresources: [x]\r\n",
                "images:\r\n- name: coracle://a\r\n  newName: r.example/a\r\n  digest: \(digest)\r\nresources: [x]\r\n"
            ),
        ]
    )
    func edits(text: String, expected: String) throws {
        // A digest has a colon, which needs no quotes.
        let expected = expected.replacing(
            "\"\(Self.digest)\"}",
            with: text.contains("{\"") ? "\"\(Self.digest)\"}" : "\(Self.digest)}"
        )
        #expect(try edited(text, ["a"]) == expected)
        #expect(try edited(expected, ["a"]) == expected, "the second time nothing changes")
    }

    @Test("a tag alone becomes a new tag, and a digest that is there counts more")
    func tags() throws {
        #expect(
            try edited("images:\n- name: coracle://a\n", ["a"], isTagOnly: true)
                == "images:\n- name: coracle://a\n  newName: r.example/a\n  newTag: \"1.0\"\n"
        )
        #expect(throws: Diagnostic.self) {
            try edited("images:\n- {name: coracle://a, digest: x}\n", ["a"], isTagOnly: true)
        }
    }

    @Test(
        "what cannot be edited is refused",
        arguments: ["{\"resources\": []}", "images: x\n", "images:\n-\n  name: x\n", "a: b\n---\nc: d\n"]
    )
    func refused(text: String) {
        #expect(throws: Diagnostic.self) { try edited(text, ["a"]) }
    }

    @Test("kustomize puts the images into the manifests that name them, by what was edited and by the block alone")
    func judged() throws {
        let place = try TemporaryDirectory()
        try place.file(
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: a, image: coracle://a}\n"
                + "  - {name: b, image: 'coracle://b'}\n"
        )
        let text = try edited("resources: [pod.yaml]\nimages:\n- name: coracle://b\n", ["a", "b"])
        try place.file("kustomization.yaml", text)
        let shown = try Command("kubectl", ["kustomize", place.path]).output()
        for name in ["a", "b"] {
            #expect(shown.contains("image: r.example/\(name)@\(Self.digest)"), "\(shown)\n\(text)")
        }
    }
}
