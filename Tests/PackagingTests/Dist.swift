import TestSupport

/// What `make dist` writes, once for all tests: of a small static program in coracle's place, whose options, manual pages
/// and completions are coracle's.
enum Dist {
    static let repository = "\(FixtureProgram.sources)/../.."

    /// The folder, or why it could not be made.
    static let made = Result { try make("dist") }

    /// Runs Static/dist; returns the folder.
    static func make(_ name: String) throws -> String {
        let folder = try Built.emptied(name)
        let pair = "\(try Built.emptied("dist-pair"))/pair"
        try Built.coracle(["key", "generate", "-o", pair], environment: ["COSIGN_PASSWORD": ""]).output()
        return try run(into: folder, signedBy: "\(pair).key")
    }

    static func run(into folder: String, signedBy key: String) throws -> String {
        var variables: [String: String?] = Built.withoutCache
        variables["CORACLE"] = try FixtureProgram.go("hello").path()
        variables["RUN"] = Built.coracle
        variables["TOOL"] = "\(Built.folder)/CoracleDist"
        variables["DIST_KEY"] = key
        variables["COSIGN_PASSWORD"] = ""
        variables["SOURCE_DATE_EPOCH"] = "1796000000"
        try Command(
            "\(repository)/Static/dist",
            [folder],
            environment: variables,
            directory: repository,
            timeLimit: 600
        ).output()
        return folder
    }

    /// The archive unpacked: the path of its one directory.
    static let unpacked = Result {
        let folder = try made.get()
        let place = try Built.emptied("dist-unpacked")
        try Command.shell(#"tar -C "$2" -xzf "$1"/coracle-*.tar.gz"#, [folder, place]).output()
        return "\(place)/\(try names(in: place)[0])"
    }
}
