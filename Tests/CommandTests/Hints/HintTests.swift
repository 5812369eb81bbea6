import Synchronization
import TestSupport
import Testing

/// Every hint that says to type something is followed, in the situation that prints it.
@Suite("Hints lead on", .serialized)
struct HintTests {
    private static let printed = Mutex<[String]>([])

    @Test("what a hint says to type works where it is printed")
    func followed() async throws {
        let cases = try HintCase.all()
        #expect(cases.count > 100)
        var next = 0
        await withTaskGroup(of: (HintCase, HintRun.Result).self) { group in
            func add() {
                guard next < cases.count else { return }
                let hintCase = cases[next]
                next += 1
                group.addTask { (hintCase, HintRun.Result(of: hintCase)) }
            }
            for _ in 0..<4 { add() }
            for await (hintCase, result) in group {
                add()
                Self.printed.withLock { $0 += result.hints }
                for problem in result.problems { Issue.record("\(hintCase.testDescription): \(problem)") }
            }
        }
    }

    @Test("every hint of the sources is followed, or named with the reason why not")
    func complete() throws {
        let hints = Self.printed.withLock { $0 }
        try #require(!hints.isEmpty, "this needs the hints of the test before it")
        let exceptions = try HintException.all()
        let templates = try HintSource.templates()
        for template in templates where !hints.contains(where: { HintSource.matches(template, $0) }) {
            #expect(
                exceptions.contains { $0.text == template.text },
                "\(template.file): no case of Tests/Fixtures/hints prints: \(template.text.debugDescription)"
            )
        }
        for exception in exceptions {
            #expect(
                templates.contains { $0.text == exception.text },
                "\(exception.place): the sources do not have: \(exception.text)"
            )
        }
    }
}
