import Glibc
import TestSupport
import Testing

@Suite("Pushes that sign and attach, killed behind each of their requests")
struct SignedPushInterruptionTests {
    private let executioner: Executioner
    private let registry: FaultyRegistry
    private let place: TemporaryDirectory

    private static let repository = "me/hello"

    init() throws {
        let executioner = Executioner()
        self.executioner = executioner
        registry = try FaultyRegistry { asked in
            executioner.count()
            return asked.answer
        }
        place = try Sample.program()
        try place.file("arm", readFile(FixtureProgram("hello", .go(architecture: "arm64")).path()), mode: 0o755)
        let keys = """
            openssl ecparam -name prime256v1 -genkey -noout -out a.key && chmod 600 a.key &&
            openssl pkey -in a.key -pubout -out a.pub && echo text >note.txt
            """
        try Command.shell(keys, directory: place.path).output()
    }

    /// `coracle` with the words of `line`, in which `REF` is the image in a repository of this number.
    private func coracle(_ line: String, _ number: Int) -> Command {
        let name = "\(registry.address)/\(Self.repository)\(number):1"
        return Built.coracle(
            line.replacing("REF", with: name).split(separator: " ").map(String.init),
            environment: ["CORACLE_CACHE": place("cache")],
            directory: place.path
        )
    }

    /// Runs a command that is killed when so many requests are done, or ends before.
    private func run(_ line: String, _ number: Int, killedBehind limit: Int) throws -> Outcome {
        try executioner.run(coracle(line, number), killedBehind: limit)
    }

    private func check(_ number: Int, _ comment: String) throws {
        try registry.expectWhole("\(Self.repository)\(number)", comment)
    }

    /// How many requests a command makes if nothing kills it.
    private func count(_ line: String, _ number: Int) throws -> Int {
        let outcome = try run(line, number, killedBehind: .max)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        return executioner.done
    }

    private static let build =
        "build hello arm -t REF --push --sign-key a.key --sbom spdx --provenance"

    @Test("an image is whole or absent, and nothing hangs on what is absent; the next push makes it complete")
    func push() throws {
        let count = try count(Self.build, 0)
        #expect(count > 40)
        let whole = try coracle("verify REF --key a.pub --recursive", 0).output().split(separator: "\n").count
        var killed = 0
        for limit in stride(from: 1, through: count, by: 3) {
            let outcome = try run(Self.build, limit, killedBehind: limit)
            killed += outcome.end == .signalled(SIGKILL) ? 1 : 0
            try check(limit, "behind request \(limit)")
            let isTagged = registry.manifest("1", in: "\(Self.repository)\(limit)") != nil
            if isTagged, limit % 2 == 1 {
                let outcome = try coracle("validate REF", limit).run()
                #expect(outcome.end == .exited(0), "behind request \(limit): \(outcome.output)\(outcome.errors)")
            }
            guard limit % 18 == 1 else { continue }
            try coracle(Self.build, limit).output()
            try check(limit, "after the next push")
            for type in ["", "--type spdx", "--type slsa"] {
                let verified = try coracle("verify REF --key a.pub --recursive \(type)", limit).output()
                if type.isEmpty { #expect(verified.split(separator: "\n").count >= whole) }
            }
        }
        #expect(killed > 10)
    }

    @Test(
        "an image that is there stays whole, and nothing hangs in the air",
        arguments: ["sign REF --key a.key", "attach REF note.txt --type text/plain"]
    )
    func later(line: String) throws {
        let image = try HandmadeImage(layers: [try HandmadeImage.Layer("echo a >a")])
        registry.hold(image, in: "\(Self.repository)0", tag: "1")
        let count = try count(line, 0)
        var killed = 0
        for limit in 1...count {
            registry.hold(image, in: "\(Self.repository)\(limit)", tag: "1")
            killed += try run(line, limit, killedBehind: limit).end == .signalled(SIGKILL) ? 1 : 0
            try check(limit, "behind request \(limit)")
            guard limit % 8 == 1 else { continue }
            try coracle(line, limit).output()
            try check(limit, "after the next time")
            let tree = try coracle("referrers REF", limit).output()
            #expect(!tree.contains("nothing hangs on it") && !tree.contains("not there"), "\(tree)")
        }
        #expect(killed > 5)
    }
}
