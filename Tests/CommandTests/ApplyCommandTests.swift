import Glibc
import TestSupport
import Testing

@Suite("Manifests handed to kubectl")
struct ApplyCommandTests {
    /// A program in the place of kubectl, which keeps what it is given, and a PATH with it.
    private struct Stub {
        let shop: ResolveCommandTests.Shop
        let path: String

        init(_ script: String = "echo deployment.apps/shop configured") throws {
            shop = try ResolveCommandTests.Shop()
            let text = """
                #!/bin/sh
                here=$(dirname "$0")
                echo "$@" >>"$here/arguments"
                cat >"$here/part" && mv "$here/part" "$here/applied"
                \(script)
                """
            try shop.place.file("stub/kubectl", text, mode: 0o755)
            path = "\(shop.place("stub")):/usr/bin:/bin"
            try shop.place.file("deploy.yaml", "kind: A # c\nimage: coracle://shop\n")
        }

        func coracle(_ arguments: [String]) throws -> Outcome {
            try shop.coracle(arguments, environment: ["PATH": path])
        }

        func text(_ name: String) throws -> String {
            String(decoding: try readFile(shop.place("stub/\(name)")), as: UTF8.self)
        }
    }

    @Test(
        "kubectl gets the manifests with their images, and what follows `--`; it speaks for itself",
        arguments: ["apply", "create"]
    )
    func applies(verb: String) throws {
        let stub = try Stub("echo shop configured; echo a warning >&2")
        let outcome = try stub.coracle([verb, "-f", "deploy.yaml", "--", "--namespace", "a b", "-f"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try stub.text("arguments") == "\(verb) -f - --namespace a b -f\n")
        #expect(try stub.text("applied") == "kind: A # c\nimage: \(try stub.shop.reference("shop"))\n")
        #expect(outcome.output == "shop configured\n")
        #expect(outcome.errors.contains("built shop: ") && outcome.errors.hasSuffix("a warning\n"), "\(outcome.errors)")
    }

    @Test("without kubectl nothing is built")
    func missing() throws {
        let stub = try Stub()
        unlink(stub.shop.place("stub/kubectl"))
        let outcome = try stub.shop.coracle(
            ["apply", "-f", "deploy.yaml"],
            environment: ["PATH": stub.shop.place("stub")]
        )
        #expect(outcome.end == .exited(7), "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("error[kubernetes.no-kubectl]: "), "\(outcome.errors)")
        #expect(!outcome.errors.contains("built"))
    }

    @Test("if an image cannot be built, nothing is applied")
    func broken() throws {
        let stub = try Stub()
        try stub.shop.place.file("deploy.yaml", "- coracle://shop\n- coracle://cart\n")
        unlink(stub.shop.place("bin/cart"))
        let outcome = try stub.coracle(["apply", "-f", "deploy.yaml"])
        #expect(outcome.end != .exited(0) && !exists(stub.shop.place("stub/arguments")), "\(outcome.errors)")
    }

    @Test("a failure of kubectl is one of the command, with its own words")
    func failing() throws {
        let stub = try Stub("echo one created; echo 'error: the server said no' >&2; exit 1")
        let outcome = try stub.coracle(["create", "-f", "deploy.yaml"])
        #expect(outcome.end == .exited(6), "\(outcome.errors)")
        #expect(outcome.output == "one created\n")
        #expect(
            outcome.errors.contains("error: the server said no\nerror[kubernetes.kubectl-failed]: "),
            "\(outcome.errors)"
        )
        #expect(outcome.errors.contains("the objects that it took are above"))
    }

    @Test("with `--watch` a changed program is built and applied again, until Ctrl-C")
    func watching() throws {
        let stub = try Stub()
        let environment: [String: String?] = [
            "PATH": stub.path, "CORACLE_REPO": stub.shop.repository, "CORACLE_CACHE": stub.shop.place("cache"),
        ]
        let running = try Built.coracle(
            ["apply", "-f", "deploy.yaml", "--watch"],
            environment: environment,
            directory: stub.shop.place.path
        ).start()
        defer { running.send(SIGKILL) }
        /// Waits until it has said so many times that it waits.
        func rounds(_ count: Int) throws {
            for _ in 0..<3000 {
                if try running.errorsSoFar.ranges(of: "waiting for changes").count >= count { return }
                usleep(10_000)
            }
            Issue.record("\(try running.errorsSoFar)")
        }
        try rounds(1)
        let first = try stub.text("applied")
        try stub.shop.place.file("bin/shop", Sample.hello + Array("new".utf8), mode: 0o755)
        try rounds(2)
        let second = try stub.text("applied")
        let reference = try stub.shop.reference("shop")
        #expect(first != second && second.contains(reference))
        // A mistake does not end it, nor does a file that becomes whole again.
        try stub.shop.place.file("deploy.yaml", "image: coracle://nothing\n")
        try rounds(3)
        #expect(try running.errorsSoFar.contains("error[kubernetes.unknown-image]"))
        try stub.shop.place.file("deploy.yaml", "kind: B\nimage: coracle://shop\n")
        try rounds(4)
        #expect(try stub.text("applied").hasPrefix("kind: B\n"))
        #expect(try stub.text("arguments").split(separator: "\n").count == 3)
        running.send(SIGINT)
        #expect(try running.wait().end == .signalled(SIGINT))
    }

    @Test("kubectl itself reads what files of both kinds become behind one another")
    func judged() throws {
        let stub = try Stub()
        let pod =
            "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\nspec: {containers: [{name: a, image: coracle://shop}]}"
        try stub.shop.place.file(
            "k/a.json",
            #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "coracle://shop"}]}}"#
        )
        try stub.shop.place.file("k/b.yaml", pod.replacing("NAME", with: "b") + "\n")
        try stub.shop.place.file("k/c.yaml", "---\n\(pod.replacing("NAME", with: "c"))\n---\n")
        let resolved = try stub.shop.coracle(["resolve", "-f", "k"]).output
        let shown = try Command(
            "kubectl",
            ["set", "image", "--local", "-f", "-", "a=x.example/y:1", "-o", "name"],
            input: Array(resolved.utf8)
        ).output()
        #expect(shown == "pod/a\npod/b\npod/c\n", "\(shown)\n\(resolved)")
    }
}
