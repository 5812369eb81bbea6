import Findings
import Gate
import TestSupport
import Testing

@Suite("Addons of Node.js, and the Node.js that the image has")
struct NodeAddonTests {
    @Test(
        "an addon for another version of Node.js than the image's is an error, and one of the stable interface is not",
        arguments: [
            ("node_register_module_v93", ["run.node-version"]), ("node_register_module_v115", []),
            ("napi_register_module_v1", []),
        ]
    )
    func nodeVersion(symbol: String, expected: [String]) throws {
        let scratch = try TemporaryDirectory()
        let source = try scratch.file("a.c", "void \(symbol)(void) {}\n")
        try Command("gcc", ["-shared", "-nostdlib", "-o", scratch("a.node"), source]).output()
        var root = LibraryRoot.debian()
        root.file("/usr/lib/x86_64-linux-gnu/libnode.so.115", .library("libnode.so.115"))
        root.file("/usr/bin/node", .program(["libnode.so.115", "libc.so.6"]))
        root.file("/app/a.js", content: Array("require('./a.node')\n".utf8))
        root.file("/app/a.node", .library("a.node"), content: try readFile(scratch("a.node")))
        let findings = try root.findings(starting: ["/usr/bin/node", "/app/a.js"])
            .filter { $0.rule.code != "run.unprotected" }
        #expect(findings.map(\.rule.code) == expected)
        #expect(findings.allSatisfy { $0.severity == .error && $0.reason?.contains("NODE_MODULE_VERSION 93") == true })
    }
}
