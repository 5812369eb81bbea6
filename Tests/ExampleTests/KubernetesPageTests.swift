import TestSupport
import Testing

/// The page about Kubernetes and the example, typed with a registry, and with a program in the place of kubectl.
@Suite("What the pages about Kubernetes show is what coracle prints", .serialized)
struct KubernetesPageTests {
    private let place: TemporaryDirectory
    private let registry: RegistryServer

    init() throws { (place, registry) = (try TemporaryDirectory(), try RegistryServer()) }

    /// The output of `command` in `folder`, with the registry in the place of `host`.
    private func type(_ command: String, host: String, in folder: String) throws -> String {
        try Command(
            "bash",
            ["-o", "pipefail", "-c", command.replacing(host, with: registry.address)],
            environment: [
                "PATH": "\(place("stub")):\(Built.commandFolder):\(Environment.current["PATH"] ?? "/usr/bin:/bin")",
                "CORACLE_CACHE": FreshBases.cache,
            ],
            directory: folder,
            timeLimit: 300
        ).run().output.replacing(registry.address, with: host)
    }

    /// The blocks of a page, by what stands behind the word for the language.
    private func blocks(_ page: DocumentationPage, _ fence: String) throws -> [String] {
        try page.text.components(of: "```\(fence)\n")
    }

    @Test("the page's manifests and values come out as it shows them")
    func page() throws {
        let page = DocumentationPage(path: "Documentation/kubernetes.md")
        for name in ["coracle.yaml", "deploy.yaml", "values.yaml"] {
            try place.file(name, try #require(try blocks(page, "yaml \(name)").first))
        }
        let hello = try readFile(FixtureProgram.go("hello").path())
        for name in ["shop", "cart"] { try place.file("bin/\(name)", hello + Array(name.utf8), mode: 0o755) }
        try place.file("stub/kubectl", "#!/bin/sh\ncat >/dev/null; echo deployment.apps/shop configured\n", mode: 0o755)
        let commands = try blocks(page, "console").flatMap { block in
            block.split(separator: "\n").filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
        }
        #expect(commands.count == 4)
        for command in commands {
            let printed = try type(command, host: "ghcr.io", in: place.path)
            let shown = try #require(try DocumentationPage.shown(command))
            #expect(masked(printed) == masked(shown + "\n"), "\(command)\n\(printed)")
        }
    }

    @Test("a commit becomes a running pod as the first page shows it")
    func commit() throws {
        try Command("cp", ["-R", Example(name: "go-scratch").folder, place("shop")]).output()
        try place.file(
            "deploy.yaml",
            "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n"
                + "          image: coracle://./shop\n"
        )
        try place.file(
            "stub/kubectl",
            "#!/bin/sh\ngrep -q \"image: .*/me/shop:$(git rev-parse --short HEAD)@sha256:\" && echo deployment.apps/shop configured\n",
            mode: 0o755
        )
        try Command.shell(
            "git init -q; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first",
            directory: place.path
        ).output()
        let commands =
            ["grep image: deploy.yaml"]
            + ["coracle apply -f deploy.yaml --repository ghcr.io/me --tags \"$(git rev-parse --short HEAD)\""]
        for command in commands {
            let printed = try type(command, host: "ghcr.io", in: place.path)
            #expect(printed == (try #require(try DocumentationPage.shown(command))) + "\n", "\(command)")
        }
    }

    @Test("the example's README shows what its commands print")
    func example() throws {
        let example = Example(name: "kubernetes")
        try Command("cp", ["-R", example.folder, place("kubernetes")]).output()
        let readMe = try example.readMe
        for name in ["resolve", "kustomize"] {
            let printed = try type(try readMe.block("sh \(name)"), host: "localhost:5000", in: place("kubernetes"))
            #expect(try masked(printed) == masked(readMe.block("text \(name)")), "\(printed)")
        }
        try place.file("stub/kubectl", "#!/bin/sh\necho \"$@\"; grep image:\n", mode: 0o755)
        let applied = try type(try readMe.block("sh apply"), host: "localhost:5000", in: place("kubernetes"))
        #expect(applied.hasPrefix("apply -f - --namespace shop\n          image: localhost:5000/me/web:1.0@sha256:"))
    }
}

extension String {
    /// What stands behind each `fence`, up to the next one.
    fileprivate func components(of fence: String) -> [String] {
        ranges(of: fence).map { range in
            let rest = self[range.upperBound...]
            return String(rest[..<(rest.firstRange(of: "```")?.lowerBound ?? rest.endIndex)])
        }
    }
}
