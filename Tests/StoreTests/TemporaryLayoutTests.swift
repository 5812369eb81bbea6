import ByteIO
import Store
import TestSupport
import Testing

@Suite("Temporary layouts")
struct TemporaryLayoutTests {
    @Test("a process that writes beside one does not take it for an orphan, and it is gone with its last reference")
    func held() throws {
        let place = try TemporaryDirectory()
        let orphan = place(".coracle-tmp.image.1.x")
        try Command("mkdir", [orphan]).output()
        do {
            let layout = try TemporaryLayout(in: FilePath(place.path))
            try Command("mkdir", ["-p", "\(layout.path.display)/blobs/sha256"]).output()
            // What a layout does first is to delete what killed processes have left beside it.
            _ = try LayoutStage(LayoutDestination(FilePath(place("other"))))
            #expect(exists("\(layout.path.display)/blobs/sha256"))
            #expect(!exists(orphan))
        }
        #expect(try names(in: place.path).isEmpty)
    }
}
