/// One part of a picture: as large as its size, with its own parts in it.
package struct MapNode: Sendable {
    /// Which of the colours of a page it has; the text says the same.
    package enum Tone: Hashable, Sendable {
        /// One of several that follow each other, counted from 0.
        case series(Int)
        /// Something that is there for nothing.
        case hatched
        /// Small things together.
        case folded
        case added
        case removed
        case changed
    }

    package let name: String
    /// In bytes.
    package let size: Int64
    package let tone: Tone
    /// What is said of it beside its name and its size; empty for nothing.
    package let remark: String
    /// The largest first.
    package let parts: [MapNode]

    package init(_ name: String, size: Int64, _ tone: Tone, remark: String = "", parts: [MapNode] = []) {
        self.name = name
        self.size = size
        self.tone = tone
        self.remark = remark
        self.parts = parts
    }
}
