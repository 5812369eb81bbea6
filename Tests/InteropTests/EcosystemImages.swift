import TestSupport

/// Images with what package managers leave in them, one for each ecosystem, and the documents of what is in them.
///
/// They are made once in a process, beside the test bundle.
enum EcosystemImages {
    /// The folder of an image's files as well as the name of the image.
    static let all = ["debian", "go", "rust", "node", "python", "java", "dotnet", "ruby", "php"]
    /// The image with packages that say hostile things of themselves.
    static let hostile = "odd"
    /// The name of the index of two platforms.
    static let index = "index"
    /// Formats with the ending of their files.
    static let formats = [("spdx", "spdx.json"), ("cyclonedx", "cdx.json")]

    private static let made = Result { () -> String in
        let folder = try Built.emptied("ecosystems")
        try Tool.python(
            "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])",
            ["\(FixtureProgram.sources)/ecosystems.py", "\(folder)/files"],
            timeLimit: 300
        )
        let program = try FixtureProgram("hello-c", .staticC).path()
        for name in all + [hostile] { try build([program], "\(folder)/files/\(name):/", "\(folder)/\(name)") }
        let programs = try ["amd64", "arm64"].map { try FixtureProgram("hello", .go(architecture: $0)).path() }
        try build(programs, "\(folder)/files/debian:/", "\(folder)/\(index)")
        for name in all + [hostile, index] {
            for (format, ending) in formats {
                try Built.coracle(
                    [
                        "sbom", "write", name, "--format", format, "--supplier", "Example (Inc.)", "-o",
                        "\(name).\(ending)",
                    ],
                    directory: folder
                ).output()
            }
        }
        return folder
    }

    private static func build(_ programs: [String], _ files: String, _ image: String) throws {
        try Built.coracle(["build"] + programs + ["-o", image, "--add", files]).output()
    }

    /// The folder with the images, each a layout, and their documents beside them: `NAME.spdx.json`, `NAME.cdx.json`.
    static func folder() throws -> String { try made.get() }
}
