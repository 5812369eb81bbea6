import TestSupport
import Testing

/// What libFuzzer found worth keeping (`Fuzz/run`): damaged files of a few hundred bytes. A trap ends the whole run.
@Suite("The fuzzer's corpus")
struct CorpusTests {
    @Test("every file that was found once is read or refused")
    func replay() throws {
        let folders = #filePath.split(separator: "/").dropLast(2)
        let folder = "/" + folders.joined(separator: "/") + "/Corpus/elf"
        let names = try Command("ls", [folder]).output().split(separator: "\n")
        #expect(names.count > 20)
        for name in names { ElfProbe.read(try readFile("\(folder)/\(name)")) }
    }
}
