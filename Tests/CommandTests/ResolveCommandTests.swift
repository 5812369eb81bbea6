import Glibc
import TestSupport
import Testing

@Suite("Manifests with the images that they name")
struct ResolveCommandTests {
    /// A directory with a project of two images, and a registry.
    struct Shop {
        static let registry = Result { try RegistryServer() }

        let place: TemporaryDirectory
        let registry: RegistryServer
        /// Each test has its own, so that they do not meet.
        let repository: String

        init(_ yaml: String = "defaults: {path: \"bin/{name}\"}\nimages: {shop: , cart: {env: {X: y}}}\n") throws {
            place = try TemporaryDirectory()
            registry = try Self.registry.get()
            for name in ["shop", "cart"] {
                try place.file("bin/\(name)", Sample.hello + Array(name.utf8), mode: 0o755)
            }
            try place.file("coracle.yaml", yaml)
            repository = "\(registry.address)/t\(place.path.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) })"
        }

        func coracle(
            _ arguments: [String],
            input: String? = nil,
            environment: [String: String?] = [:]
        ) throws -> Outcome {
            var variables: [String: String?] = ["CORACLE_REPO": repository, "CORACLE_CACHE": place("cache")]
            variables.merge(environment) { $1 }
            var command = Built.coracle(arguments, environment: variables, directory: place.path)
            command.input = input.map { Array($0.utf8) }
            return try command.run()
        }

        /// What takes the place of an image that has no tag of its own.
        func reference(_ name: String) throws -> String {
            let digest = try coracle(["digest", "\(repository)/\(name)"]).output.split(separator: "\n").first ?? ""
            let found = try #require(digest.firstMatch(of: /sha256:[0-9a-f]{64}/))
            return "\(repository)/\(name)@\(found.output)"
        }
    }

    private static let manifest = """
        # The shop.   coracle://shop
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop, labels: {app: shop}}
        spec:
            containers:
              - {image: "coracle://shop", name: shop}
              - image:   coracle://cart    # the cart
        ---
        kind: ConfigMap
        apiVersion: v1
        data: {image: 'coracle://shop', text: "see coracle://shop"}
        """

    @Test("the images are pushed, and stand in the manifest by their digests; all else is as it was")
    func resolves() throws {
        let shop = try Shop()
        try shop.place.file("deploy.yaml", Self.manifest)
        let outcome = try shop.coracle(["resolve", "-f", "deploy.yaml"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let (one, two) = (try shop.reference("shop"), try shop.reference("cart"))
        let expected = Self.manifest.replacing("\"coracle://shop\"", with: "\"\(one)\"")
            .replacing("'coracle://shop'", with: "'\(one)'").replacing("   coracle://cart", with: "   \(two)")
        #expect(outcome.output == expected)
        #expect(outcome.errors.contains("built shop: ") && outcome.errors.contains("built cart: "), "\(outcome.errors)")
        // From standard input it is the same.
        #expect(try shop.coracle(["resolve", "-f", "-"], input: Self.manifest).output == expected)
    }

    @Test("each image is built once, however often and wherever it is named, and only those that are named")
    func once() throws {
        let shop = try Shop()
        for name in ["a", "b", "c"] { try shop.place.file("k8s/\(name).yaml", "image: coracle://shop\n") }
        let outcome = try shop.coracle(["resolve", "-f", "k8s"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let line = "image: \(try shop.reference("shop"))\n"
        #expect(outcome.output == [line, line, line].joined(separator: "---\n"))
        #expect(outcome.errors.ranges(of: "built shop").count == 1 && !outcome.errors.contains("cart"))
    }

    @Test(
        "directories give .yaml, .yml and .json by their names; `-R` goes below; links to directories are not followed"
    )
    func directories() throws {
        let shop = try Shop()
        for name in ["b.yml", "a.json", "c.yaml", "d.txt", "sub/e.yaml", "sub/deep/f.yaml"] {
            try shop.place.file("k/\(name)", "{\"name\": \"\(name)\"}\n")
        }
        #expect(symlink("sub", shop.place("k/link")) == 0)
        #expect(symlink("../d.txt", shop.place("k/sub/link.yaml")) == 0)
        func names(_ arguments: [String]) throws -> [String] {
            try shop.coracle(["resolve"] + arguments).output.matches(of: #/"name": "([^"]*)"/#).map { String($0.1) }
        }
        #expect(try names(["-f", "k"]) == ["a.json", "b.yml", "c.yaml"])
        #expect(
            try names(["-R", "-f", "k"]) == ["a.json", "b.yml", "c.yaml", "sub/deep/f.yaml", "sub/e.yaml", "d.txt"]
        )
        #expect(try names(["-f", "k/d.txt", "-f", "k/sub/e.yaml"]) == ["d.txt", "sub/e.yaml"])
    }

    @Test("where the images go is said by `-t`, by `--repository` and `--tags`, or by the file")
    func names() throws {
        let shop = try Shop("images: {shop: {path: bin/shop, tag: \"${R}/mine:3\"}, cart: {path: bin/cart}}\n")
        let environment = ["R": shop.repository]
        func image(_ arguments: [String]) throws -> String {
            let outcome = try shop.coracle(
                ["resolve", "-f", "-"] + arguments,
                input: "coracle://shop",
                environment: environment
            )
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            return outcome.output.split(separator: "@").map(String.init).first ?? ""
        }
        #expect(try image([]) == "\(shop.repository)/mine:3")
        #expect(try image(["-t", "\(shop.repository)/x-{name}:1"]) == "\(shop.repository)/x-shop:1")
        #expect(try image(["--repository", "\(shop.repository)/y"]) == "\(shop.repository)/y/shop")
        #expect(
            try image(["--repository", "\(shop.repository)/y", "--tags", "1.0,2.0"]) == "\(shop.repository)/y/shop:1.0"
        )
        #expect(try image(["--tag-only", "-t", "\(shop.repository)/z:7"]) == "\(shop.repository)/z:7")
        let kept = try shop.coracle(
            ["resolve", "-f", "-", "--tag-only"],
            input: "\ncontainers: [{image: coracle://cart, imagePullPolicy: IfNotPresent}]",
            environment: environment
        )
        #expect(kept.errors.contains("does not ask for a newer one\n  at: standard input:2\n"), "\(kept.errors)")
        let bare = try shop.coracle(
            ["resolve", "-f", "-"],
            input: "coracle://cart",
            environment: ["CORACLE_REPO": nil, "R": "a"]
        )
        #expect(bare.end == .exited(2) && bare.errors.contains("error[usage.no-name]"), "\(bare.errors)")
        let ko = try shop.coracle(
            ["resolve", "-f", "-"],
            input: "coracle://cart",
            environment: ["CORACLE_REPO": nil, "KO_DOCKER_REPO": shop.repository, "R": "a"]
        )
        #expect(ko.output.hasPrefix("\(shop.repository)/cart@sha256:"), "\(ko.errors)")
    }

    @Test("paths are built as `build` builds them, with coracle.yaml and without")
    func paths() throws {
        let shop = try Shop()
        unlink(shop.place("coracle.yaml"))
        let outcome = try shop.coracle(["resolve", "-f", "-"], input: "[coracle://./bin/shop, 'coracle://./bin/cart']")
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output == "[\(try shop.reference("shop")), '\(try shop.reference("cart"))']")
        let one = try shop.coracle(["build", "bin/shop", "--push"]).output.split(separator: "@").last ?? ""
        #expect(outcome.output.contains(one.dropLast()))
    }

    @Test("ko's import paths are built by Go")
    func importPaths() throws {
        let shop = try Shop()
        try shop.place.file("go.mod", "module example.com/mod\n\ngo 1.19\n")
        try shop.place.file("cmd/app/main.go", "package main\n\nfunc main() { println(\"x\") }\n")
        let text = "a: ko://example.com/mod/cmd/app\nb: ko://./cmd/app\n"
        let environment = ["GOFLAGS": "-buildvcs=false", "HOME": shop.place.path]
        let outcome = try shop.coracle(
            ["resolve", "-f", "-"],
            input: String(text.prefix(32)),
            environment: environment
        )
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output == "a: \(try shop.reference("app"))\n")
        let both = try shop.coracle(["resolve", "-f", "-"], input: text, environment: environment)
        #expect(both.end == .exited(2) && both.errors.contains("error[batch.same-place]"), "\(both.errors)")
    }

    @Test(
        "what is wrong is said before anything is built",
        arguments: [
            (
                "a: x\nimage: coracle://shpo\n", 3, "kubernetes.unknown-image", "standard input:2",
                "did you mean `coracle://shop`?"
            ),
            ("image: coracle://cmd/shop\n", 3, "kubernetes.unknown-image", "standard input:1", "`ko://cmd/shop`"),
            ("image: coracle://\n", 3, "kubernetes.malformed", "standard input:1", "coracle://NAME"),
            ("a: {{ b }}\nimage: coracle://shop\n", 3, "kubernetes.template", "standard input:1", "helm template"),
            ("image: [coracle://shop\n", 3, "yaml.malformed", "standard input:2", ""),
        ]
    )
    func refused(text: String, status: Int32, code: String, place: String, hint: String) throws {
        let outcome = try Shop().coracle(["resolve", "-f", "-"], input: text)
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("error[\(code)]: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("\n  at: \(place)\n"), "\(outcome.errors)")
        #expect(outcome.errors.contains(hint), "\(outcome.errors)")
        #expect(outcome.output.isEmpty && !outcome.errors.contains("built"))
    }

    @Test("containers that ask for what their image does not have are said, with file and line, each time")
    func pods() throws {
        let shop = try Shop()
        let text = """
            kind: Pod
            spec:
              containers:
                - {name: one, image: coracle://shop, securityContext: {runAsNonRoot: true, runAsUser: 0}}
                - {name: two, image: coracle://cart, readinessProbe: {httpGet: {port: web}}}
                - {name: three, image: docker.io/x, securityContext: {runAsNonRoot: true, runAsUser: 0}}
            """
        try shop.place.file("pod.yaml", text)
        let first = try shop.coracle(["resolve", "-f", "pod.yaml"])
        #expect(first.end == .exited(0), "\(first.errors)")
        let (root, port) = ("warning[pod.non-root]: container `one` ", "warning[pod.probe-port]: container `two`")
        #expect(first.errors.contains(root) && first.errors.contains(port), "\(first.errors)")
        #expect(first.errors.contains("\n  at: pod.yaml:4\n") && first.errors.contains("\n  at: pod.yaml:5\n"))
        #expect(!first.errors.contains("three"))
        let kept = try TestSupport.names(in: shop.place("cache/derived/pods-1"))
        #expect(kept.count == 2)
        // Other bytes are compared again, and the line is the one that it stands on now.
        try shop.place.file("pod.yaml", "# A pod.\n---\n" + text)
        let second = try shop.coracle(["resolve", "-f", "pod.yaml"])
        #expect(second.errors.contains(root) && second.errors.contains("\n  at: pod.yaml:6\n"), "\(second.errors)")
        let allowed = try shop.coracle(["resolve", "-f", "pod.yaml", "--allow", "pod.non-root"])
        #expect(!allowed.errors.contains(root) && allowed.errors.contains(port), "\(allowed.errors)")
        let unchecked = try shop.coracle(["resolve", "-f", "pod.yaml", "--no-check"])
        #expect(unchecked.end == .exited(0) && !unchecked.errors.contains("[pod."), "\(unchecked.errors)")
    }

    @Test("images that have not changed are neither read nor sent: three questions for each")
    func unchanged() throws {
        let shop = try Shop()
        // What is younger than two seconds is not believed.
        sleep(3)
        let text =
            Self.manifest + "\n---\ncontainers: [{image: coracle://shop, name: x, livenessProbe: {grpc: {port: a}}}]\n"
        let first = try shop.coracle(["resolve", "-f", "-"], input: text)
        let before = try shop.registry.requests.count
        let second = try shop.coracle(["resolve", "-f", "-"], input: text)
        #expect(second.end == .exited(0) && second.output == first.output, "\(second.errors)")
        for outcome in [first, second] {
            #expect(outcome.errors.contains("warning[pod.probe-port]: "), "\(outcome.errors)")
        }
        #expect(second.errors.contains("built shop: unchanged"), "\(second.errors)")
        let own = shop.repository.split(separator: "/").last ?? ""
        let asked = try shop.registry.requests.dropFirst(before).filter { $0.target.contains("/\(own)/") }
        #expect(asked.allSatisfy { ["GET", "HEAD"].contains($0.method) }, "\(asked)")
        #expect(asked.count == 6, "\(asked)")
    }

    @Test("a file without images comes out as it is; with `--strict` that is an error")
    func nothing() throws {
        let shop = try Shop()
        let text = "a: b\n# coracle://shop\n"
        let outcome = try shop.coracle(["resolve", "-f", "-"], input: text)
        #expect(outcome.end == .exited(0) && outcome.output == text)
        #expect(outcome.errors.contains("note: no image is named"), "\(outcome.errors)")
        let strict = try shop.coracle(["resolve", "-f", "-", "--strict"], input: text)
        #expect(strict.end == .exited(9) && strict.output.isEmpty, "\(strict.errors)")
    }

    @Test("documents are chosen by their labels, and only their images are built")
    func selector() throws {
        let shop = try Shop()
        try shop.place.file("deploy.yaml", Self.manifest)
        let outcome = try shop.coracle(["resolve", "-f", "deploy.yaml", "-l", "app notin (shop)", "--tag-only"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("---\nkind: ConfigMap\n"), "\(outcome.output)")
        #expect(!outcome.errors.contains("cart"))
    }

    @Test("values of a chart get the pieces, and a kustomization its images")
    func otherForms() throws {
        let shop = try Shop()
        let values = try shop.coracle(
            ["resolve", "-f", "-", "--split", "repository,tag,digest", "--tags", "1.0"],
            input: "image:\n  repository: coracle://shop\n  tag: \"\"\n"
        )
        #expect(values.end == .exited(0), "\(values.errors)")
        let digest = try shop.reference("shop:1.0").split(separator: "@")[1]
        #expect(
            values.output == "image:\n  repository: \(shop.repository)/shop\n  digest: \(digest)\n  tag: \"1.0\"\n"
        )
        try shop.place.file("pod.yaml", "kind: Pod\nspec: {containers: [{image: coracle://cart}]}\n")
        let block = try shop.coracle(["resolve", "-f", "pod.yaml", "--kustomize", "-"])
        let cart = try shop.reference("cart").split(separator: "@").map(String.init)
        #expect(block.output == "images:\n- name: coracle://cart\n  newName: \(cart[0])\n  digest: \(cart[1])\n")
        try shop.place.file("over/kustomization.yaml", "resources: [pod.yaml] # one\n", mode: 0o640)
        let edited = try shop.coracle(["resolve", "-f", "pod.yaml", "--kustomize", "over"])
        #expect(edited.end == .exited(0) && edited.output.isEmpty, "\(edited.errors)")
        #expect(
            String(decoding: try readFile(shop.place("over/kustomization.yaml")), as: UTF8.self)
                == "resources: [pod.yaml] # one\n" + block.output
        )
        // What it names already is asked for without a manifest.
        let again = try shop.coracle(["resolve", "--kustomize", "over/kustomization.yaml", "--tags", "2"])
        #expect(again.end == .exited(0) && again.errors.contains("wrote over/kustomization.yaml\n"), "\(again.errors)")
    }

    @Test("what the command line gets wrong is said")
    func usage() throws {
        let shop = try Shop()
        for (arguments, words) in [
            (["resolve"], "name the manifests"), (["resolve", "-f", "-", "-f", "-"], "standard input is read once"),
            (["resolve", "-f", "https://example.com/a.yaml"], "curl -fsSL"),
            (["resolve", "-f", "-", "--watch"], "`--watch` and `-f -` contradict each other"),
            (["resolve", "-f", "-", "-l", "a in b"], "is not a label selector"),
            (["resolve", "-f", "-", "--split", "a"], "`--split a` is not understood"),
            (
                ["resolve", "-f", "-", "--split", "a,b", "--kustomize", "-"],
                "`--kustomize` and `--split` contradict each other"
            ),
        ] {
            let outcome = try shop.coracle(arguments, input: "a: coracle://shop\n")
            #expect(outcome.end == .exited(2), "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
        for file in ["absent.yaml", "bin"] {
            let outcome = try shop.coracle(["resolve", "-f", file])
            #expect(
                outcome.end == .exited(3) && outcome.errors.contains("error[kubernetes.unreadable]"),
                "\(outcome.errors)"
            )
        }
    }
}
