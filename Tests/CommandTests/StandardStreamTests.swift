import TestSupport
import Testing

@Suite("Closed streams, and arguments that are not text")
struct StandardStreamTests {
    @Test(
        "what is printed never goes into a file, whatever streams are closed",
        arguments: [">&- 2>&-", "2>&-", "<&- >&- 2>&-"]
    )
    func closed(streams: String) throws {
        let place = try Sample.program()
        let script = #""$1" build hello -o out \#(streams); echo $? > code"#
        try Command.shell(script, [Built.coracle], directory: place.path).output()
        // Without standard output, the digest could not be printed.
        #expect(try String(decoding: readFile(place("code")), as: UTF8.self) == (streams == "2>&-" ? "0\n" : "8\n"))
        #expect(try Built.coracle(["validate", "out"], directory: place.path).run().end == .exited(0))
    }

    @Test("an argument that is not UTF-8 is shown, with a way to name the file all the same")
    func bytes() throws {
        let place = try Sample.program()
        let script = #"name=$(printf 'x\377'); cp hello "$name"; exec "$1" build "$name""#
        let outcome = try Command.shell(script, [Built.coracle], directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains(#"an argument is not UTF-8: `x\xff`"#), "\(outcome.errors)")
    }

    @Test("an empty output is a mistake on the command line", arguments: ["-o", "--tarball"])
    func emptyOutput(option: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", option, ""], directory: place.path).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains("it does not name a place"))
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test(
        "a missing directory above the output gets a hint how to make it",
        arguments: ["no/such/x.oci", "no/such/x.tar"]
    )
    func missingParent(output: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "-o", output], directory: place.path).run()
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.contains("hint: create the directory first: `mkdir -p no/such`"), "\(outcome.errors)")
    }
}
