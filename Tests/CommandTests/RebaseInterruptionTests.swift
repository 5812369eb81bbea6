import Glibc
import TestSupport
import Testing

@Suite("Rebases that are interrupted behind each of their requests")
struct RebaseInterruptionTests {
    private let executioner: Executioner
    private let sample: RebaseSample

    init() throws {
        let executioner = Executioner()
        self.executioner = executioner
        sample = try RebaseSample { asked in
            executioner.count()
            return asked.answer
        }
        let key = "openssl ecparam -name prime256v1 -genkey -noout -out a.key && chmod 600 a.key"
        try Command.shell(key, directory: sample.place.path).output()
    }

    private func coracle(_ line: String, _ number: Int) -> Command {
        Built.coracle(
            line.replacing("REF", with: sample("me/app\(number):1")).split(separator: " ").map(String.init),
            // Each begins with nothing: what the cache has is not asked for.
            environment: ["CORACLE_CACHE": sample.place("cache\(number)")],
            directory: sample.place.path
        )
    }

    @Test(
        "the name stays on the old image until the new one is whole; the next rebase ends what was begun",
        arguments: [SIGKILL, SIGINT]
    )
    func inPlace(signal: Int32) throws {
        let images = try ["amd64", "arm64"].map { architecture in
            (
                image: try sample.image(architecture: architecture),
                platform: #"{"os":"linux","architecture":"\#(architecture)"}"#
            )
        }
        let old = try HandmadeImage(of: images)
        let line = "rebase REF --onto \(sample("base:2")) --push --sign-key a.key"
        func hold(_ number: Int) { sample.registry.hold(old, in: "me/app\(number)", tag: "1") }
        func tag(_ number: Int) -> [UInt8]? { sample.registry.manifest("1", in: "me/app\(number)") }
        hold(0)
        let whole = try executioner.run(coracle(line, 0), killedBehind: .max)
        #expect(whole.end == .exited(0), "\(whole.errors)")
        let count = executioner.done
        let new = try #require(tag(0))
        #expect(count > 40 && new != old.top)
        var (killed, kept) = (0, 0)
        for limit in stride(from: signal == SIGKILL ? 1 : 2, through: count, by: 3) {
            hold(limit)
            let outcome = try executioner.run(coracle(line, limit), killedBehind: limit, by: signal)
            killed += outcome.end == .signalled(signal) ? 1 : 0
            #expect(outcome.end == .exited(0) || outcome.output.isEmpty, "behind request \(limit)")
            let named = tag(limit)
            #expect(named == old.top || named == new, "behind request \(limit)")
            kept += named == old.top ? 1 : 0
            try sample.registry.expectWhole("me/app\(limit)", "behind request \(limit)")
            guard limit % 9 < 3 else { continue }
            let again = try coracle(line, limit).run()
            #expect(again.end == .exited(0), "\(again.errors)")
            #expect(tag(limit) == new, "behind request \(limit)")
            try sample.registry.expectWhole("me/app\(limit)", "after the next rebase")
            let valid = try coracle("validate REF", limit).run()
            #expect(valid.end == .exited(0), "\(valid.errors)")
        }
        #expect(killed > 10 && kept > 5)
    }
}
