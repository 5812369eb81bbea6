import TestSupport
import Testing

/// The plugin itself, in a package that stands in for coracle's: coracle would have to be compiled once more.
@Suite("`swift package build-container-image`", .serialized)
struct ImagePluginTests {
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    private func packages() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try Command("mkdir", [place("coracle")]).output()
        try Command("cp", ["-R", "\(Self.repository)/Plugins", place("coracle")]).output()
        try place.file(
            "coracle/Package.swift",
            """
            // swift-tools-version:6.1
            import PackageDescription
            let package = Package(
                name: "coracle",
                products: [
                    .executable(name: "coracle", targets: ["CoracleCLI"]),
                    .plugin(name: "BuildContainerImage", targets: ["BuildContainerImage"]),
                ],
                targets: [
                    .executableTarget(name: "CoracleCLI"),
                    .plugin(
                        name: "BuildContainerImage",
                        capability: .command(
                            intent: .custom(verb: "build-container-image", description: "x"),
                            permissions: [.writeToPackageDirectory(reason: "x")]
                        )
                    ),
                ]
            )

            """
        )
        try place.file(
            "coracle/Sources/CoracleCLI/main.swift",
            "import Glibc\nprint(CommandLine.arguments.dropFirst().joined(separator: \" \"))\n"
                + "if CommandLine.arguments.contains(\"--push\") { exit(9) }\n"
        )
        try place.file(
            "server/Package.swift",
            """
            // swift-tools-version:6.1
            import PackageDescription
            let package = Package(
                name: "server",
                dependencies: [.package(path: "../coracle")],
                targets: [.executableTarget(name: "server")]
            )

            """
        )
        try place.file("server/Sources/server/main.swift", "print(\"hello\")\n")
        return place
    }

    @Test("a static program of the package goes to coracle with the arguments, and a failure of coracle is one")
    func package() throws {
        let place = try packages()
        func run(_ arguments: [String]) throws -> Outcome {
            try Command(
                "swift",
                ["package", "--allow-writing-to-package-directory", "build-container-image"] + arguments,
                directory: place("server"),
                timeLimit: 300
            ).run()
        }
        let outcome = try run(["-t", "shop:1", "--cmd", "serve"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let line = try #require(
            outcome.output.split(separator: "\n").first { $0.hasPrefix("build ") },
            "\(outcome.output)\(outcome.errors)"
        )
        let words = line.split(separator: " ").map(String.init)
        #expect(words.dropFirst(2) == ["-o", "\(place("server"))/server.oci", "-t", "shop:1", "--cmd", "serve"])
        #expect(try Command(words[1], []).output() == "hello\n")
        let failed = try run(["-t", "shop:1", "--push"])
        #expect(failed.end != .exited(0))
        #expect((failed.output + failed.errors).contains("coracle ended with status 9"), "\(failed.errors)")
    }
}
