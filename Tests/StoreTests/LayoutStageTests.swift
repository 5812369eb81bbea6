import ByteIO
import Diagnostics
import Glibc
import OCI
import Store
import TestSupport
import Testing

@Suite("Publishing many images into an image layout")
struct LayoutStageTests {
    private func stage(_ path: String, _ images: [(SmallImage, [String])]) async throws {
        let stage = try LayoutStage(try LayoutDestination(FilePath(path)))
        // Whatever order they are finished in.
        for (position, (image, names)) in images.enumerated().reversed() {
            try await stage.add(try image.set(names, in: stage.draftDirectory), at: position)
        }
        try stage.publish()
    }

    @Test("many at once make the same layout as one after the other", arguments: [1, 2, 3, 4])
    func same(seed: UInt64) async throws {
        let scratch = try TemporaryDirectory()
        var random = Pseudorandom(seed: seed)
        let repositories = ["a/b", "a/c", "d"]
        func some(_ count: Int) -> [(SmallImage, [String])] {
            (0..<count).map { _ in
                let names = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                    "\(repositories[Int.random(in: 0..<3, using: &random)]):\(Int.random(in: 1...3, using: &random))"
                }
                return (SmallImage("\(Int.random(in: 0..<6, using: &random))"), Array(Set(names)).sorted())
            }
        }
        for round in 0..<10 {
            let (before, images) = (some(round % 4), some(6))
            for (image, names) in before + images { try await publish(image, names, to: scratch("one\(round)")) }
            for (image, names) in before { try await publish(image, names, to: scratch("many\(round)")) }
            try await stage(scratch("many\(round)"), images)
            #expect(
                try readFile(scratch("one\(round)/index.json")) == readFile(scratch("many\(round)/index.json"))
            )
            try Command("diff", ["-r", scratch("one\(round)"), scratch("many\(round)")]).output()
        }
        #expect(try names(in: scratch.path).count == 20)
    }

    @Test("a blob that is corrupt in the layout is replaced")
    func corrupt() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, ["app:1"], to: scratch("out"))
        try writeFile(scratch("out/blobs/sha256/\(image.layerDescriptor.digest.hex)"), Array("corrupt".utf8))
        try await stage(scratch("out"), [(image, ["app:1"]), (SmallImage("b"), ["app:2"])])
        #expect(try contents(of: scratch("out")).count == 2)
    }

    @Test("an unpublished draft is deleted, and the layout stays as it was")
    func abandoned() async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), ["app:1"], to: scratch("out"))
        let before = try Command("find", [scratch.path]).output()
        for name in ["out", "new"] {
            let stage = try LayoutStage(try LayoutDestination(FilePath(scratch(name))))
            try await stage.add(try SmallImage("b").set(["app:2"], in: stage.draftDirectory), at: 0)
        }
        #expect(try Command("find", [scratch.path]).output() == before)
    }

    @Test("a layout whose index becomes unreadable meanwhile gets no blobs", arguments: [false, true])
    func unlisted(manyAtOnce: Bool) async throws {
        let scratch = try TemporaryDirectory()
        try await publish(SmallImage("a"), ["app:1"], to: scratch("out"))
        let blobs = try names(in: scratch("out/blobs/sha256"))
        let destination = try LayoutDestination(FilePath(scratch("out")))
        let stage = try LayoutStage(destination)
        let images = try SmallImage("b").set(["app:2"], in: destination.draftDirectory)
        try await stage.add(images, at: 0)
        try writeFile(scratch("out/index.json"), Array("corrupt".utf8))
        await #expect(throws: Diagnostic.self) {
            if manyAtOnce { try stage.publish() } else { try await destination.publish(images) }
        }
        #expect(try names(in: scratch("out/blobs/sha256")) == blobs)
    }

    @Test("a layout that another process has made meanwhile keeps its images")
    func raced() async throws {
        let scratch = try TemporaryDirectory()
        let stage = try LayoutStage(try LayoutDestination(FilePath(scratch("out"))))
        try await stage.add(try SmallImage("a").set(["app:1"], in: stage.draftDirectory), at: 0)
        try await publish(SmallImage("b"), ["app:2"], to: scratch("out"))
        try stage.publish()
        #expect(
            try contents(of: scratch("out")).keys.sorted() == ["docker.io/library/app:1", "docker.io/library/app:2"]
        )
    }

    @Test("a thousand images keep no file open, and their index is read again")
    func thousand() async throws {
        let scratch = try TemporaryDirectory()
        let stage = try LayoutStage(try LayoutDestination(FilePath(scratch("out"))))
        let before = try names(in: "/proc/self/fd").count
        for number in 0..<1000 {
            let image = SmallImage("\(number)")
            try await stage.add(try image.set(["app-\(number):1"], in: stage.draftDirectory), at: number)
        }
        // Other tests of this process open files, too.
        #expect(try names(in: "/proc/self/fd").count < before + 500)
        try stage.publish()
        #expect(try ImageSource(FilePath(scratch("out"))).index().manifests.count == 1000)
    }
}
