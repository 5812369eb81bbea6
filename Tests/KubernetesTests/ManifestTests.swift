import Diagnostics
import Kubernetes
import TestSupport
import Testing

@Suite("Images that manifests name")
struct ManifestTests {
    static let digest = "sha256:" + String(repeating: "0a", count: 32)
    /// What takes the place of `coracle://NAME`.
    static func image(_ mention: ImageMention) -> ResolvedImage? {
        guard case .image(let name) = mention.subject else {
            return ResolvedImage(repository: "r.example/path", tag: nil, digest: digest)
        }
        return ResolvedImage(repository: "r.example/\(name)", tag: "1.0", digest: digest)
    }
    static func reference(_ name: String) -> String { "r.example/\(name):1.0@\(digest)" }

    static func resolved(_ text: String, splitting split: String? = nil, selecting selector: String? = nil) throws
        -> String
    {
        let labels = try selector.map { try LabelSelector(parsing: $0) }
        let keys = try split.map { try SplitKeys(parsing: $0) }
        let manifest = try Manifest(
            reading: Array(text.utf8),
            named: "x.yaml",
            selecting: labels,
            splitting: keys
        )
        return String(decoding: try manifest.resolved(image), as: UTF8.self)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// `@` stands for the image, before and after.
        let text: String

        init(_ description: String, _ text: String) { (testDescription, self.text) = (description, text) }
    }

    @Test(
        "the text of an image is replaced, and no other byte",
        arguments: [
            Row("plain, with a comment that names it", "# coracle://shop\nimage:   @   # coracle://shop\n"),
            Row("single quotes", "image: '@'\n"),
            Row("double quotes", "image: \"@\"\n"),
            Row("a literal block", "image: |\n  @\n"),
            Row("a folded block without a line feed", "a:\n  image: >-\n    @\nb: x\n"),
            Row("a block with a comment at its sign", "image: >- # one\n  @\n\n\n"),
            Row("braces", "{containers: [{image: @, name: x}, {image: '@'}]}\n"),
            Row("JSON", "{\"image\":\"@\",\"list\":[\"@\",1]}"),
            Row("an anchor and its aliases", "a: &one @\nb: *one\nc: [*one, &two '@']\n"),
            Row("a tag", "a: !!str @\nb: !<tag:yaml.org,2002:str> \"@\"\n"),
            Row("an anchor and a tag over two lines", "a: &one # coracle://shop\n  !!str\n  @\n"),
            Row("several documents", "---\na: @\n---\n# nothing\n---\nb: @\n...\n---\n"),
            Row("an end of a document without one behind it", "a: @\n...\n"),
            Row("CRLF", "a: @\r\n---\r\nb: '@'\r\n"),
            Row("a byte order mark", "\u{FEFF}a: @\n"),
            Row("characters of several bytes", "ä: é\nö: @ # ü\n🙂: [ß, @]\n"),
            Row("directives", "%YAML 1.1\n---\na: @\n...\n%YAML 1.1\n---\nb: @\n"),
            Row("no line feed at the end", "a: @"),
            Row("a text alone", "@\n"),
            Row("a list", "- @\n- - @\n"),
            Row("values of other kinds", "spec: {build: {output: @}, env: [{name: A, value: @}]}\n"),
            Row("white space within quotes' text stays outside of it", "a: x\nb:\t@\n"),
            Row("a sequence at its parent's column", "containers:\n- image: @\n  name: a\n- name: b\n  image: @\n"),
            Row("a document behind its line", "--- {image: @}\n--- # comment\nimage: @\n"),
            Row("a question mark", "? a\n: @\n? [x]\n: @\n"),
        ]
    )
    func styles(row: Row) throws {
        let text = row.text.replacing("@", with: "coracle://shop")
        var expected = row.text.replacing("@", with: Self.reference("shop"))
        // What a comment says stays.
        #expect(!expected.isEmpty)
        expected = expected.replacing("# \(Self.reference("shop"))", with: "# coracle://shop")
        #expect(try Self.resolved(text) == expected)
    }

    @Test("escapes of JSON and lines that go on are the same text, and become one")
    func escapes() throws {
        #expect(try Self.resolved(#"{"image": "coracle:\/\/shop"}"#) == #"{"image": "\#(Self.reference("shop"))"}"#)
        #expect(try Self.resolved("image: \"coracle:/\\\n  /shop\"\n") == "image: \"\(Self.reference("shop"))\"\n")
        #expect(try Self.resolved("image: ' coracle://shop '\n") == "image: '\(Self.reference("shop"))'\n")
    }

    @Test("paths and import paths are images, too")
    func paths() throws {
        let manifest = try Manifest(
            reading: Array("[coracle://./cmd, coracle:///a, ko://example.com/a/cmd/b, ko://./c, coracle://./cmd]".utf8),
            named: "x"
        )
        #expect(
            manifest.mentions.map(\.subject) == [
                .path("./cmd"), .path("/a"), .path("ko://example.com/a/cmd/b"), .path("./c"),
            ]
        )
    }

    @Test("a host in brackets gets quotes where a text without them would be a list")
    func brackets() throws {
        let manifest = try Manifest(reading: Array("a: coracle://x\nb: 'coracle://x'\n".utf8), named: "x")
        let bytes = try manifest.resolved { _ in ResolvedImage(repository: "[::1]:5000/x", tag: "1", digest: nil) }
        #expect(String(decoding: bytes, as: UTF8.self) == "a: \"[::1]:5000/x:1\"\nb: '[::1]:5000/x:1'\n")
    }

    @Test("what is longer, a key, or another word stays, and is said if it looks like an image")
    func kept() throws {
        let text =
            "coracle://a: x\nb: see coracle://shop\nc: coracle://shop is ours\nd: xcoracle://shop\ne: Coracle://shop\n"
        let manifest = try Manifest(reading: Array(text.utf8), named: "x.yaml")
        #expect(try manifest.resolved(Self.image) == Array(text.utf8))
        #expect(
            manifest.notes.map { "\($0.subject?.description ?? ""): \($0.summary)" } == [
                "x.yaml:1: `coracle://a` is a key, and keys stay as they are",
                "x.yaml:3: `coracle://shop is ours` is more than the name of an image, and stays as it is",
            ]
        )
    }

    @Test("a container that takes no image from a registry is said, and only that one")
    func neverPulled() throws {
        let text = """
            containers:
            - {image: coracle://a, imagePullPolicy: Never}
            - {image: coracle://b, imagePullPolicy: Always}
            - {image: coracle://c}
            """
        let notes = try Manifest(reading: Array(text.utf8), named: "x.yaml").notes
        #expect(notes.map(\.code.rawValue) == ["kubernetes.never-pulled"])
        #expect(notes.first?.subject?.description == "x.yaml:2")
    }

    @Test(
        "what cannot be read or replaced is said with its line",
        arguments: [
            ("a: x\n---\nb: coracle://\n", "kubernetes.malformed", "x.yaml:3", "nothing stands after"),
            ("b: coracle://shop:1.0\n", "kubernetes.malformed", "x.yaml:1", "tags are given with"),
            ("b: coracle://shop@sha256:0\n", "kubernetes.malformed", "x.yaml:1", "the digest is that"),
            ("b: coracle://${NAME}\n", "kubernetes.malformed", "x.yaml:1", "a variable"),
            ("a: x\n---\n- coracle://a\nb: [\n", "yaml.malformed", "x.yaml:4", "column "),
            ("a: {{ .Values.a }}\nimage: coracle://a\n", "kubernetes.template", "x.yaml:1", "`{{` stands where"),
            ("{{- if .x }}\nimage: coracle://a\n{{- end }}\n", "kubernetes.template", "x.yaml:1", "column "),
            ("b: coracle://shop\n\ta: [x\n", "yaml.malformed", "x.yaml:2", "column "),
        ]
    )
    func refused(text: String, code: String, place: String, reason: String) {
        let problem = #expect(throws: DiagnosticList.self) { try Self.resolved(text) }?.items.first
        #expect(problem?.code.rawValue == code)
        #expect(problem?.subject?.description == place)
        #expect(problem?.reason?.contains(reason) ?? false, "\(problem?.reason ?? "")")
    }

    @Test("aliases of aliases, deep nesting and a hundred thousand aliases take no memory and no time")
    func bombs() throws {
        var bomb = "a0: &a0 coracle://shop\n"
        for level in 1...30 {
            let alias = "*a\(level - 1)"
            bomb += "a\(level): &a\(level) [\([String](repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(try Self.resolved(bomb) == bomb.replacing("coracle://shop", with: Self.reference("shop")))
        let deep = "a: coracle://shop\nb: \(String(repeating: "[", count: 100_000))"
        #expect(throws: DiagnosticList.self) { try Self.resolved(deep) }
        let aliases = "a: &a coracle://shop\nb: [\(String(repeating: "*a, ", count: 200_000))]\n"
        #expect(throws: DiagnosticList.self) { try Self.resolved(aliases) }
    }

    @Test("ten thousand documents keep their order and their bytes")
    func manyDocuments() throws {
        let text = (0..<10_000).map { "---\n# \($0)\nname: n\($0)\nimage: coracle://i\($0 % 7)\n" }.joined()
        let expected = (0..<10_000).map { "---\n# \($0)\nname: n\($0)\nimage: \(Self.reference("i\($0 % 7)"))\n" }
            .joined()
        #expect(try Self.resolved(text) == expected)
        let half = try Self.resolved(
            text.replacing("name: n", with: "apiVersion: v1\nkind: A\nname: n"),
            selecting: "a"
        )
        #expect(half.isEmpty)
    }

    // MARK: Pieces of names

    @Test(
        "the pieces of a name go where their keys are, and missing keys are added beside them",
        arguments: [
            (
                "image:\n  repository: coracle://shop # the shop\n  tag: \"\"\n  digest: ''\n",
                "image:\n  repository: r.example/shop # the shop\n  tag: \"1.0\"\n  digest: '\(digest)'\n"
            ),
            (
                "image:\n  tag: 0.9\n  repository: coracle://shop\nother: x\n",
                "image:\n  tag: \"1.0\"\n  repository: r.example/shop\n  digest: \(digest)\nother: x\n"
            ),
            (
                "- repository: coracle://shop # c\n  x: y\n",
                "- repository: r.example/shop # c\n  tag: \"1.0\"\n  digest: \(digest)\n  x: y\n"
            ),
            (
                "image: {repository: coracle://shop, tag: , x: y}",
                "image: {repository: r.example/shop, digest: \(digest), tag: \"1.0\", x: y}"
            ),
            (
                #"{"image": {"repository": "coracle://shop", "tag": "x"}}"#,
                #"{"image": {"repository": "r.example/shop", "digest": "\#(digest)", "tag": "1.0"}}"#
            ),
            ("repository: coracle://shop", "repository: r.example/shop\ntag: \"1.0\"\ndigest: \(digest)"),
            (
                "image:\r\n  repository: >-\r\n    coracle://shop\r\n  tag:\r\n",
                "image:\r\n  repository: >-\r\n    r.example/shop\r\n  digest: \(digest)\r\n  tag: \"1.0\"\r\n"
            ),
            ("image: coracle://shop\n", "image: \(reference("shop"))\n"),
        ]
    )
    func split(text: String, expected: String) throws {
        #expect(try Self.resolved(text, splitting: "repository,tag,digest") == expected)
    }

    @Test("of two keys the second gets the digest as charts write it behind a colon")
    func splitInTwo() throws {
        let text = "image: {repository: coracle://shop, tag: x}\n"
        let hex = Self.digest.dropFirst(7)
        #expect(
            try Self.resolved(text, splitting: "repository,tag")
                == "image: {repository: r.example/shop@sha256, tag: \"\(hex)\"}\n"
        )
    }

    @Test("a piece whose key has a mapping is refused")
    func splitRefused() {
        let text = "image:\n  repository: coracle://shop\n  tag: {a: b}\n"
        let problem = #expect(throws: DiagnosticList.self) {
            try Self.resolved(text, splitting: "repository,tag,digest")
        }
        #expect(problem?.items.first?.subject?.description == "x.yaml:3")
        #expect(throws: Diagnostic.self) { try SplitKeys(parsing: "a") }
        #expect(throws: Diagnostic.self) { try SplitKeys(parsing: "a,a") }
    }

    // MARK: Labels

    private static let labelled = """
        # all of it
        apiVersion: v1
        kind: A
        metadata: {name: one, labels: {app: shop, tier: web, size: "3"}}
        image: coracle://one
        --- # two
        apiVersion: v1
        kind: A
        metadata:
          labels:
            app: cart
        image: coracle://two

        ---
        apiVersion: v1
        kind: A
        metadata: {name: three}
        ---
        ---
        # nothing

        """

    @Test(
        "documents are chosen by their labels, as kubectl does",
        arguments: [
            ("app=shop", "1"), ("app==cart", "2"), ("app!=shop", "23"), ("app", "12"), ("!app", "3"),
            ("app in (shop, cart)", "12"), ("app notin (shop)", "23"), ("app in (shop),tier=web", "1"),
            ("tier in (db)", ""), ("size>2", "1"), ("size<3", ""), ("app=", ""), ("", "123"), (" app = cart ", "2"),
        ]
    )
    func selector(text: String, documents: String) throws {
        let pieces = Self.labelled.split(separator: "---").map(String.init)
        let all = [pieces[0], "---\(pieces[1])", "---\(pieces[2])"]
        let expected = documents.map { all[Int(String($0))! - 1] }.joined()
            .replacing("coracle://one", with: Self.reference("one")).replacing(
                "coracle://two",
                with: Self.reference("two")
            )
        #expect(try Self.resolved(Self.labelled, selecting: text) == expected)
    }

    @Test(
        "a selector that is not one is refused",
        arguments: ["app in shop", "=x", "a=b,", "app in (a", "a b", "a/b/c", "-a", "size>x", "a=b c", "a=!"]
    )
    func selectorRefused(text: String) {
        #expect(throws: Diagnostic.self) { try LabelSelector(parsing: text) }
    }

    @Test("items of a list stay together, and a list that is half wanted is refused, as is a document without a kind")
    func lists() throws {
        func list(_ first: String, _ second: String) -> String {
            "apiVersion: v1\nkind: List\nitems:\n- metadata: {labels: {a: \(first)}}\n  i: coracle://x\n"
                + "- {metadata: {labels: {a: \(second)}}}\n"
        }
        #expect(try Self.resolved(list("b", "b"), selecting: "a=b").contains(Self.reference("x")))
        #expect(try Self.resolved(list("b", "b"), selecting: "a=c").isEmpty)
        for text in [list("b", "c"), "a: b\n"] {
            let problem = #expect(throws: DiagnosticList.self) { try Self.resolved(text, selecting: "a=b") }
            #expect(problem?.items.first?.code.rawValue == "kubernetes.selector")
        }
    }

    @Test("files behind one another are documents")
    func joined() {
        func joined(_ texts: String...) -> String {
            String(decoding: texts.map { Array($0.utf8) }.reduce([], Manifest.joined), as: UTF8.self)
        }
        #expect(joined("a: 1\n", "b: 2\n") == "a: 1\n---\nb: 2\n")
        #expect(joined("a: 1", "# c\n---\nb: 2\n", "{}") == "a: 1\n# c\n---\nb: 2\n---\n{}")
        #expect(joined("a: 1\n---\n", "b: 2\n") == "a: 1\n---\n---\nb: 2\n")
    }
}
