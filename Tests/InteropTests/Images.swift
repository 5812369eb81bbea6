import TestSupport

/// Images that the tests give to other programs.
enum Images {
    /// Builds the program `probe` for x86-64 into `place` as the layout `image`, with the tag `probe:1`.
    @discardableResult
    static func probe(in place: TemporaryDirectory, _ options: [String] = [], output: String = "image") throws -> String
    {
        let program = try FixtureProgram.go("probe").path()
        return try Built.coracle(
            ["build", program, "-t", "localhost/probe:1", "-o", output] + options,
            directory: place.path
        ).output()
    }

    /// Builds an image for x86-64 and arm64.
    @discardableResult
    static func forTwoPlatforms(in place: TemporaryDirectory) throws -> String {
        let programs = try [FixtureProgram.go("probe"), FixtureProgram("probe", .go(architecture: "arm64"))].map {
            try $0.path()
        }
        return try Built.coracle(
            ["build"] + programs + ["-t", "localhost/probe:1", "-o", "image"],
            directory: place.path
        ).output()
    }

    /// `sha256:…` from what `coracle build` printed.
    static func digest(_ reference: String) throws -> String {
        guard let match = reference.firstMatch(of: #/sha256:[0-9a-f]{64}/#) else {
            throw SupportError("no digest in `\(reference)`")
        }
        return String(match.0)
    }
}
