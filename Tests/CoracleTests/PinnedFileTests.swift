import ByteIO
import Diagnostics
import Pins
import TestSupport
import Testing

@Suite("Digests in files")
struct PinnedFileTests {
    private static let old = "sha256:" + String(repeating: "a1", count: 32)
    private static let new = "sha256:" + String(repeating: "b2", count: 32)

    /// A file, in which `<D>` is a digest that is replaced, and `D` one that stays.
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let name: String
        let text: String
        /// `PLACE IMAGE` of each pin, `@` for its digest; behind an arrow what keeps it from being replaced.
        let pins: [String]

        init(_ description: String, _ name: String, _ text: String, _ pins: String...) {
            (testDescription, self.name, self.text, self.pins) = (description, name, text, pins)
        }
    }

    private static let dockerfiles = [
        Row("tag and digest", "Dockerfile", "FROM a:1@<D> AS x # y\r\nRUN z\r\n", "FROM … AS x a:1@"),
        Row("no digest", "Dockerfile", "FROM a:1\n", "FROM a:1"),
        Row(
            "two stages",
            "Containerfile",
            "FROM a:1@<D>\nRUN echo x@D\nFROM b:2@<D>\n",
            "FROM a:1@",
            "FROM b:2@"
        ),
        Row(
            "files of another image",
            "Dockerfile",
            "FROM a:1 AS x\nCOPY --from=x a:1@D /b\nCOPY --link --from=b:2@<D> a:1@D /b\r\n",
            "FROM … AS x a:1",
            "COPY --from b:2@"
        ),
        Row(
            "files of another image in quotes",
            "Dockerfile",
            "FROM a:1\nCOPY --from='b:2@<D>' \\\n  /a /b # D\n",
            "FROM a:1",
            "COPY --from b:2@"
        ),
        Row(
            "mounts of other images",
            "Dockerfile",
            "FROM a:1\nRUN --mount=type=bind,from=b:2@<D>,target=/x --mount=target=/y,from=c@<D> cp b:2@D /x\n",
            "FROM a:1",
            "RUN --mount b:2@",
            "RUN --mount c@"
        ),
        Row(
            "files of an image with a digest of an argument",
            "Dockerfile",
            "ARG X=D\nFROM a:1\nCOPY --from=b:2@$X /a /b\n",
            "FROM a:1",
            "COPY --from b:2@$X → builders replace no variables here"
        ),
        Row("in an argument", "Dockerfile", "ARG BASE=a:1@<D>\nFROM $BASE\n", "FROM a:1@"),
        Row("the digest in an argument", "Dockerfile", "ARG X='<D>' # c\nFROM a:1@${X}\n", "FROM a:1@"),
        Row("name and digest in arguments", "x.Dockerfile", "ARG N=a:1\nARG X=<D>\nFROM ${N}@${X}\n", "FROM a:1@"),
        Row("a default where it is used", "Dockerfile.prod", "ARG N\nFROM ${N:-a:1@<D>}\n", "FROM a:1@"),
        Row(
            "an argument for two stages",
            "Dockerfile",
            "ARG N=a:1@<D>\nFROM $N AS x\nFROM $N\n",
            "FROM … AS x a:1@",
            "FROM a:1@"
        ),
        Row("over two lines", "Dockerfile", "FROM \\\n a:1@<D> \\\n AS x\n", "FROM … AS x a:1@"),
        Row(
            "in pieces",
            "Dockerfile",
            "ARG A=sha256\nFROM a:1@$A:\(String(repeating: "a1", count: 32))\n",
            "FROM a:1@ → its digest is put together of several pieces"
        ),
        Row("in quotes", "Dockerfile", "FROM \"a:1@<D>\"\n", "FROM a:1@"),
        Row(
            "a digest that is malformed",
            "Dockerfile",
            "FROM a:1@sha256:12\n",
            "FROM a:1@sha256:12 → what follows `@` is not a digest"
        ),
        Row(
            "in a comment and a here-document",
            "Dockerfile",
            "# FROM a:1@D\nRUN <<E\nFROM a:1@D\nE\nFROM a:1@<D>\n",
            "FROM a:1@"
        ),
        Row("a platform", "Dockerfile", "FROM --platform=linux/amd64 a:1@<D>\n", "FROM a:1@"),
        Row("another escape", "Dockerfile", "# escape=`\nFROM `\na:1@<D>\n", "FROM a:1@"),
        Row("the same digest in another place", "Dockerfile", "LABEL x=D\nFROM a:1@<D>\nLABEL x=D\n", "FROM a:1@"),
        Row("a digest twice in a word", "Dockerfile", "ARG X=D\nFROM ${X:+a}:1@<D>\n", "FROM a:1@"),
        Row("a port", "Dockerfile", "FROM localhost:5000/a/b:1@<D>\n", "FROM localhost:5000/a/b:1@"),
        Row("no tag", "Dockerfile", "FROM a@<D>\n", "FROM a@"),
        Row("no line end", "Dockerfile", "FROM a:1@<D>", "FROM a:1@"),
        Row("by its content", "build.txt", "FROM a:1@<D>\n", "FROM a:1@"),
    ]

    private static let yaml = [
        Row(
            "a pod",
            "pod.yaml",
            "kind: Pod\nspec:\n  containers:\n  - image: a:1@<D> # c\n",
            "spec.containers[0].image a:1@"
        ),
        Row("double quotes", "pod.yaml", "image: \"a:1@<D>\"\n", "image a:1@"),
        Row("single quotes", "pod.yml", "image: 'a:1@<D>'\n", "image a:1@"),
        Row(
            "flow",
            "pod.yaml",
            "{kind: Pod, c: [{image: a:1@<D>, x: y}, {image: 'b:1@<D>'}]}\n",
            "c[0].image a:1@",
            "c[1].image b:1@"
        ),
        Row("JSON", "pod.json", "{\"c\": [{\"image\": \"a:1@<D>\"}]}", "c[0].image a:1@"),
        Row("documents", "all.yaml", "---\nimage: a:1@<D>\n---\nimage: b:1@<D>\n...\n", "image a:1@", "image b:1@"),
        Row("CRLF and tabs", "pod.yaml", "x: y\t# z\r\nimage: a:1@<D>\t# z\r\n", "image a:1@"),
        Row("an anchor", "pod.yaml", "image: &i a:1@<D>\nsame: {image: *i}\n", "image a:1@"),
        Row("an anchor elsewhere", "pod.yaml", "x-images:\n  app: &app a:1@<D>\nc: {image: *app}\n", "c.image a:1@"),
        Row("a tag", "pod.yaml", "image: !!str a:1@<D>\n", "image a:1@"),
        Row("no digest", "pod.yaml", "image: a:1\nother: b:1@D\n"),
        Row("another key", "pod.yaml", "images: a:1@D\nimageName: b:1@D\nimage: {x: c:1@D}\n"),
        Row(
            "compose",
            "compose.yaml",
            "services:\n  db:\n    image: a:1@<D>\n    base: x:1@D\n",
            "services.db.image a:1@"
        ),
        Row(
            "a template",
            "pod.yaml",
            "image: \"{{ x }}:1@D\"\n",
            "image {{ x }}:1@ → it has a variable that only another program replaces"
        ),
        Row(
            "a variable",
            "pod.yaml",
            "image: ${R}/a:1@D\n",
            "image ${R}/a:1@ → it has a variable that only another program replaces"
        ),
        Row(
            "escapes",
            "pod.yaml",
            "image: \"a:1@sha256:\\x61\(String(repeating: "1a", count: 31))1\"\n",
            "image a:1@ → its digest does not stand in the file as it is read, but with escapes or over two lines"
        ),
        Row("escapes elsewhere", "pod.yaml", "image: \"\\x61:1@<D>\"\n", "image a:1@"),
        Row("characters of several bytes", "pod.yaml", "ü: [é, '🙂']\nimage: a:1@<D> # ß\n", "image a:1@"),
        Row("a byte order mark", "pod.yaml", "\u{FEFF}image: a:1@<D>\n", "image a:1@"),
        Row("merge keys", "pod.yaml", "x: &x {image: a:1@<D>}\ny: {<<: *x, b: c}\n", "x.image a:1@"),
        Row(
            "a digest that is malformed",
            "pod.yaml",
            "image: a:1@sha256:12\n",
            "image a:1@sha256:12 → what follows `@` is not a digest"
        ),
        Row("the same digest beside it", "pod.yaml", "image: a:1@<D> # was D\nannotation: D\n", "image a:1@"),
        Row("bases of images", "coracle.yaml", "images:\n  shop: {path: x, base: a:1@<D>}\n", "images.shop.base a:1@"),
        Row("bases of a list", "images.yaml", "targets:\n- name: shop\n  base: 'a:1@<D>'\n", "targets[0].base a:1@"),
        Row(
            "the base of all",
            "images.yaml",
            "defaults: {base: a:1@<D>}\nimages: {x: , y: {base: debian13/cc}}\n",
            "defaults.base a:1@",
            "images.y.base debian13/cc"
        ),
        Row(
            "another one for each",
            "images.yaml",
            "defaults: {base: \"a/{name}:1\"}\nimages: {x: }\n",
            "defaults.base a/{name}:1 → it is another one for each image"
        ),
        Row(
            "bases in groups",
            "coracle.yaml",
            "base: {from: a:1@<D>}\nimages: {x: {base: {key: k, base: b:1}}, y: {base: {image: x}}}\n",
            "base.from a:1@",
            "images.x.base.base b:1"
        ),
        Row(
            "images that files are taken from, as text and in a mapping",
            "coracle.yaml",
            "images:\n  shop:\n    base: a:1@<D>\n    add-from:\n    - b:2@<D>=/a:/b\n    - {image: c@<D>, path: /x@D}\n",
            "images.shop.base a:1@",
            "images.shop.add-from[0] b:2@",
            "images.shop.add-from[1].image c@"
        ),
        Row(
            "the same for all images and for the only one",
            "images.yaml",
            "defaults: {add-from: 'b:2@<D>=/a:/b'}\nimages: {x: {add-from: [{image: oci:dir, path: /x}]}}\n",
            "defaults.add-from b:2@",
            "images.x.add-from[0].image oci:dir"
        ),
        Row(
            "other images of the same file, and what stands in a group",
            "coracle.yaml",
            "images: {x: {files: {add-from: [{image: {image: y}, path: /x}, '{image: y}=/a:/b', 'b:2@<D>=/a:/b']}}, y: }\n",
            "images.x.files.add-from[2] b:2@"
        ),
        Row("the base of the only image", "coracle.yaml", "base: a:1@<D>\nuser: 7\n", "base a:1@"),
        Row("the same in a file of another name", "x.yaml", "path: x\nbase: a:1@<D>\n", "base a:1@"),
        Row(
            "bases of profiles",
            "coracle.yaml",
            "profiles: {p: {base: a:1@<D>, defaults: {base: b:1}, images: {x: {base: c:1}}}}\n",
            "profiles.p.base a:1@",
            "profiles.p.defaults.base b:1",
            "profiles.p.images.x.base c:1"
        ),
        Row("settings alone", "coracle.yaml", "lint: {rules: {lint.shell: error}}\n"),
        Row(
            "kustomize",
            "kustomization.yaml",
            "images:\n- name: a\n  newTag: '1.10' # D\n  digest: <D> # c\n- {name: b, newName: r/b, newTag: 2, digest: \"<D>\"}\n",
            "images[0].digest a:1.10@",
            "images[1].digest r/b:2@"
        ),
        Row(
            "kustomize by its kind",
            "any.yaml",
            "kind: Kustomization\nresources: [x]\nimages:\n- {digest: &d '<D>', newTag: v1, name: a}\n- {name: b, newTag: v2, digest: *d}\n",
            "images[0].digest a:v1@",
            "images[1].digest b:v2@"
        ),
        Row(
            "a component of kustomize",
            "c.yml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: a, newTag: x, digest: <D>}]\n",
            "images[0].digest a:x@"
        ),
        Row(
            "kustomize without an ending",
            "Kustomization",
            "images: [{name: a, newTag: x, digest: <D>}]\n",
            "images[0].digest a:x@"
        ),
        Row(
            "kustomize without a tag",
            "kustomization.yaml",
            "images: [{name: a, digest: <D>}]\n",
            "images[0].digest a@"
        ),
        Row(
            "kustomize without a digest, and without a name",
            "kustomization.yml",
            "images:\n- {name: a, newTag: x}\n- {newTag: x, digest: D}\n- D\nimage: a:1@D\n"
        ),
        Row(
            "kustomize with a digest that is malformed",
            "kustomization.yaml",
            "images: [{name: a, newTag: x, digest: sha256:12}]\n",
            "images[0].digest a:x@sha256:12 → what follows `@` is not a digest"
        ),
        Row(
            "kustomize has its own form",
            "kustomization.yaml",
            "kind: Kustomization\nimages:\n- name: a\n  base: a:1@D\n"
        ),
        Row(
            "compose with keys beside it",
            "compose.yaml",
            "services:\n  db:\n    image: 'a:1@<D>' # D\n    build: {args: [D]}\n  web: {image: b:2}\n",
            "services.db.image a:1@"
        ),
    ]

    @Test("pins are found, and their bytes alone are replaced", arguments: dockerfiles + yaml)
    func rewriting(row: Row) throws {
        func text(_ digest: String) -> String {
            row.text.replacing("<D>", with: digest).replacing("D", with: Self.old)
        }
        let before = Array(text(Self.old).utf8)
        let (_, pins) = try PinnedFile.read(before, named: FilePath(row.name))
        let shown = pins.map { pin in
            "\(pin.place) \(pin.text.replacing("@\(Self.old)", with: "@"))" + (pin.obstacle.map { " → \($0)" } ?? "")
        }
        #expect(shown == row.pins)
        var digests: [Range<Int>: String] = [:]
        for pin in pins where pin.obstacle == nil {
            guard let range = pin.digest else { continue }
            #expect(String(decoding: before[range], as: UTF8.self) == Self.old)
            digests[range] = Self.new
        }
        let after = PinnedFile.replacing(digests, in: before)
        #expect(String(decoding: after, as: UTF8.self) == text(Self.new))
        // Digests of one algorithm have one length: everything else stays in its place.
        #expect(after.count == before.count)
        let ranges = digests.keys
        for index in before.indices where !ranges.contains(where: { $0.contains(index) }) {
            #expect(before[index] == after[index])
        }
    }

    @Test("files that are cut or changed anywhere are read, or refused, and never change outside of a digest")
    func damaged() throws {
        var random = Pseudorandom(seed: 20)
        for row in Self.dockerfiles + Self.yaml {
            let whole = Array(row.text.replacing("<D>", with: Self.old).utf8)
            for _ in 0..<40 {
                var bytes = Array(whole.prefix(Int.random(in: 0...whole.count, using: &random)))
                if !bytes.isEmpty {
                    bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                        in: .min ... .max,
                        using: &random
                    )
                }
                guard let (_, pins) = try? PinnedFile.read(bytes, named: FilePath(row.name)) else { continue }
                for range in pins.compactMap(\.digest) {
                    let text = String(decoding: bytes[range], as: UTF8.self)
                    #expect(text.hasPrefix("sha256:") || !text.contains("sha256:"))
                    let after = PinnedFile.replacing([range: Self.new], in: bytes)
                    #expect(after[..<range.lowerBound] == bytes[..<range.lowerBound])
                    #expect(after.suffix(bytes.count - range.upperBound) == bytes[range.upperBound...])
                }
            }
        }
    }

    @Test(
        "YAML that is almost right is refused with its line",
        arguments: ["image: a:1@D\n  x: y\n", "image: [a:1@D\n", "- image: \"a\n", "a: *b: c\n", "image: @D\n"]
    )
    func almostRight(text: String) throws {
        let problem = try #require(throws: Diagnostic.self) {
            try PinnedFile.read(Array(text.utf8), named: "pod.yaml")
        }
        #expect(problem.code.rawValue == "yaml.malformed")
        guard case .file("pod.yaml", _?)? = problem.subject else {
            Issue.record("\(problem) has no line")
            return
        }
    }
}
