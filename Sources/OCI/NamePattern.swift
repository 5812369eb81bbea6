/// A name in which `*` stands for any characters and `?` for one.
package struct NamePattern: Hashable, Sendable {
    private let pattern: [UInt8]

    package init(_ text: String) { pattern = Array(text.utf8) }

    package func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        // Where to go on behind the last `*` if what follows it does not fit: one byte further on.
        var (place, position, star, retry) = (0, 0, -1, 0)
        while position < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                (star, retry) = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == UInt8(ascii: "?") || pattern[place] == name[position] {
                place += 1
                position += 1
            } else if star >= 0 {
                retry += 1
                (place, position) = (star + 1, retry)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
