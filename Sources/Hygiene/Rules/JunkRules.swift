package import Findings

extension Rule {
    static let junkGit = Rule("junk.git", .error, "a git repository would be in the image")
    static let junkCoreDump = Rule("junk.core-dump", .error, "a core dump would be in the image")
    static let junkDevDependencies = Rule(
        "junk.dev-dependencies",
        .warning,
        "packages that only development needs would be in the image"
    )
    static let junkTests = Rule("junk.tests", .warning, "tests would be in the image")
    static let junkDocs = Rule("junk.docs", .warning, "documentation would be in the image")
    static let junkCache = Rule("junk.cache", .warning, "a cache would be in the image")
    static let junkBytecode = Rule("junk.bytecode", .warning, "Python will not use the bytecode that is in the image")
    package static let junkForeignBinary = Rule("junk.foreign-binary", .warning, "a library is for another machine")
    static let junkDebugInfo = Rule("junk.debug-info", .warning, "programs have debug information in them")

    /// Files that an image does not need.
    package static let junk = [
        junkGit, junkCoreDump, junkDevDependencies, junkTests, junkDocs, junkCache, junkBytecode, junkForeignBinary,
        junkDebugInfo,
    ]
}
