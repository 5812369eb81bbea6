import ByteIO
import Diagnostics
import Glibc
import Layers
@testable import Plan
import Request
import TestSupport
import Testing

@Suite("What would make another image than was meant")
struct RefusalTests {
    @Test(
        "a program for another system is named as what it is",
        arguments: [(2, "NetBSD"), (9, "FreeBSD")] as [(UInt8, String)]
    )
    func otherSystem(system: UInt8, name: String) throws {
        let scratch = try TemporaryDirectory()
        var bytes = staticProgram()
        bytes[7] = system
        let problems = planProblems(request(try scratch.file("x", bytes, mode: 0o755)))
        #expect(codes(problems) == ["program.not-elf"])
        #expect(problems.first?.reason == "it is a program for \(name)")
    }

    @Test("a program or a file cannot have a name that deletes", arguments: ["/app/.wh.x", "/.wh..wh..opq"])
    func whiteoutName(destination: String) throws {
        let scratch = try TemporaryDirectory()
        let program = try scratch.file("x", staticProgram(), mode: 0o755)
        let moved = request(program) { $0.destination = destination }
        #expect(codes(planProblems(moved)) == ["entry.path-malformed"])
        let added = try request(program) { $0.additions = [try Addition(parsing: "\(program):\(destination)")] }
        #expect(codes(planProblems(added)) == ["entry.path-malformed"])
    }

    @Test("a file goes to a name, not to a directory", arguments: ["/", "/srv/"])
    func directoryAsName(destination: String) throws {
        let scratch = try TemporaryDirectory()
        let program = try scratch.file("x", staticProgram(), mode: 0o755)
        let moved = planProblems(request(program) { $0.destination = destination })
        #expect(codes(moved) == ["plan.file-name"])
        #expect(moved.first?.hint == "write `\(destination)x`")
        let added = try request(program) { $0.additions = [try Addition(parsing: "\(program):\(destination)")] }
        #expect(codes(planProblems(added)) == ["plan.file-name"])
    }

    @Test("the limit on files is for programs and additions, too")
    func largestFile() throws {
        let scratch = try TemporaryDirectory()
        let program = try scratch.file("x", staticProgram(), mode: 0o755)
        let large = try scratch.file("large", [UInt8](repeating: 0, count: 4096))
        #expect(codes(planProblems(request(program) { $0.largestFile = 10 })) == ["tree.file-too-large"])
        let added = try request(program) { request in
            request.largestFile = 4095
            request.additions = [try Addition(parsing: "\(large):/large")]
        }
        #expect(codes(planProblems(added)) == ["tree.file-too-large"])
    }

    @Test(
        "an ignore file that cannot be read is reported, and does not count as an empty one",
        .timeLimit(.minutes(1)),
        arguments: [#"mkfifo "$1""#, #"ln -s nowhere "$1""#, #"mkdir "$1""#, #"ln -s /dev/null "$1""#]
    )
    func ignoreFile(script: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/x", staticProgram(), mode: 0o755)
        try Command.shell(script, [scratch("app/.dockerignore")]).output()
        #expect(codes(planProblems(request(scratch("app")))) == ["ignore.unreadable"])
    }

    @Test("certificates from a pipe are refused as that, not as an empty file", .timeLimit(.minutes(1)))
    func certificatesFromPipe() throws {
        let scratch = try TemporaryDirectory()
        let program = try scratch.file("x", staticProgram(), mode: 0o755)
        try Command.shell(#"mkfifo "$1""#, [scratch("ca.pem")]).output()
        var request = request(program)
        request.runtime = .init(certificates: .only([FilePath(scratch("ca.pem"))]), includesZoneinfo: false)
        let problems = planProblems(request)
        #expect(codes(problems) == ["plan.unreadable"])
        #expect(problems.first?.reason == "it is not a regular file")
    }

    @Test("two things for the program's place are one mistake, without others that follow from it")
    func oneMistake() throws {
        let scratch = try TemporaryDirectory()
        let program = try scratch.file("x", staticProgram(), mode: 0o755)
        let other = try scratch.file("other", "text")
        let request = try request(program) { $0.additions = [try Addition(parsing: "\(other):/app/x")] }
        #expect(codes(planProblems(request)) == ["plan.duplicate-destination"])
    }

    @Test("an entry point typed as one line gets the hint to give words")
    func oneLine() throws {
        let scratch = try TemporaryDirectory()
        let program = try scratch.file("x", staticProgram(), mode: 0o755)
        let problems = planProblems(request(program) { $0.configuration.entrypoint = ["/app/x --verbose"] })
        #expect(codes(problems) == ["plan.entrypoint-missing"])
        #expect(problems.first?.hint?.contains("every word by itself") == true)
    }
}
