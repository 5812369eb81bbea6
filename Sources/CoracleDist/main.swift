// Makes what is published from finished files, for `Static/dist`. It is not published itself.
import ByteIO
import Diagnostics
import Glibc
import KeyCommands
import OCI
import Packaging
import Signing
import Terminal

let usage = """
    usage: CoracleDist man HELP.json DIRECTORY VERSION EPOCH
           CoracleDist tar TREE FILE EPOCH
           CoracleDist deb TREE CONTROL FILE EPOCH
           CoracleDist sign KEY FILE
    """

func number(_ text: String) throws(Diagnostic) -> Int64 {
    guard let seconds = Int64(text), (0..<100_000_000_000).contains(seconds) else {
        throw Diagnostic(.usageMalformed, "`\(text)` is not a number of seconds since 1970")
    }
    return seconds
}

func run(_ words: [String]) async throws {
    switch (words.first, words.count) {
    case ("man", 5):
        let help = try OpenFile.content(of: FilePath(words[1]), limit: 64 << 20)
        let date = Timestamp(secondsSince1970: try number(words[4])).description.prefix(10)
        for page in try ManualPages(help, version: words[3], date: String(date)).pages {
            try [Array(page.text.utf8)].write(to: FilePath(words[2]).appending(page.name))
        }
    case ("tar", 4):
        let tree = try PackedTree(FilePath(words[1]), modified: try number(words[3]))
        try await tree.written(besides: FilePath(words[2])).replace(FilePath(words[2]))
    case ("deb", 5):
        let (time, file) = (try number(words[4]), FilePath(words[3]))
        let data = try await PackedTree(FilePath(words[1]), modified: time).written(besides: file)
        let control = try await PackedTree(FilePath(words[2]), modified: time).written(besides: file)
        try DebianPackage(control: control, data: data, modified: time).write(to: file)
    case ("sign", 3):
        let key = try KeySource(text: words[1]).privateKey()
        let file = FilePath(words[2])
        let signature = key.signature(of: try OpenFile.content(of: file, limit: 64 << 20))
        try [Array((Base64Text.encode(signature) + "\n").utf8)].write(to: FilePath(words[2] + ".sig"))
    default: throw Diagnostic(.usageMalformed, usage)
    }
}

do {
    try await run(Array(CommandLine.arguments.dropFirst()))
} catch let list as DiagnosticList {
    Console.report(list.items)
    exit(list.items[0].code.category.rawValue)
} catch let problem as Diagnostic {
    Console.report([problem])
    exit(problem.code.category.rawValue)
} catch {
    Console.log("error: \(error)")
    exit(1)
}
