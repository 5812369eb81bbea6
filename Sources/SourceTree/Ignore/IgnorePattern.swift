/// One pattern of an ignore file, compiled.
///
/// Go's `filepath.Match` with `**` added as Docker has it: `**/` is any number of directories, and none; `**` at the end
/// is everything. Where Docker's own translation into a regular expression goes beyond that, as in `\d` or `[*]`, the
/// documented meaning is taken.
struct IgnorePattern: Sendable {
    /// The shapes that most patterns have, which need no automaton.
    private enum Shape: Sendable {
        case exactly([UInt8])
        /// `x/**`
        case prefix([UInt8])
        /// `**/*.x`
        case suffix([UInt8])
        /// `**/x`
        case anywhere([UInt8])
        case automaton(WildcardAutomaton)
    }

    private let shape: Shape

    struct Malformed: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// Compiles `text`, which is trimmed and clean.
    init(_ text: ArraySlice<UInt8>) throws(Malformed) {
        // No path can be longer, and an automaton's size grows with the pattern's.
        guard text.count <= 4096 else { throw Malformed("it is longer than 4096 bytes") }
        let tokens = try IgnoreToken.tokens(of: text)
        // Docker takes `**x`, if there is nothing else to it, for every path that ends in x, but in `**x*`, `**x]` and
        // `**x\y` a component has to begin with x.
        if text.starts(with: "**".utf8), let end = Self.literal(tokens.dropFirst()) {
            let rest = text.dropFirst(2)
            if !rest.contains(UInt8(ascii: "]")), rest.first != UInt8(ascii: "/"), rest.elementsEqual(end) {
                shape = .suffix(end)
                return
            }
        }
        shape = Self.shape(of: tokens)
    }

    private static func shape(of tokens: [IgnoreToken]) -> Shape {
        if let whole = literal(tokens[...]) { return .exactly(whole) }
        if tokens.last == .everything, let front = literal(tokens.dropLast()) { return .prefix(front) }
        if tokens.starts(with: [.directories, .star]), let end = literal(tokens.dropFirst(2)) { return .suffix(end) }
        if tokens.first == .directories, let end = literal(tokens.dropFirst()) { return .anywhere(end) }
        return .automaton(WildcardAutomaton(tokens))
    }

    /// The bytes that `tokens` stand for; `nil` if they stand for more than one sequence.
    private static func literal(_ tokens: ArraySlice<IgnoreToken>) -> [UInt8]? {
        var bytes = [UInt8]()
        for token in tokens {
            guard case .character(let character) = token else { return nil }
            bytes += character.bytes
        }
        return bytes
    }
}

// MARK: - Matching

extension IgnorePattern {
    /// Whether the pattern matches the path or one of its parent directories.
    package func matches(_ path: IgnorePath) -> Bool {
        var found = false
        forEachMatch(in: path) { _ in
            found = true
            return false
        }
        return found
    }

    /// Calls `body` with the index of each boundary of the path that ends a match, from the front, until it returns
    /// false.
    @inline(__always)
    func forEachMatch(in path: IgnorePath, _ body: (Int) -> Bool) {
        switch shape {
        case .exactly(let whole):
            let end = whole.count
            guard end > 0, end <= path.bytes.count else { return }
            guard end == path.bytes.count || path.bytes[end] == UInt8(ascii: "/") else { return }
            guard path.holds(whole, at: 0), let index = path.boundaries.firstIndex(of: Int32(end)) else { return }
            _ = body(index)
        case .prefix(let front):
            guard path.holds(front, at: 0) else { return }
            for (index, end) in path.boundaries.enumerated() where Int(end) >= front.count {
                guard body(index) else { return }
            }
        case .suffix(let suffix):
            for (index, end) in path.boundaries.enumerated() where Int(end) >= suffix.count {
                if path.holds(suffix, at: Int(end) - suffix.count) {
                    guard body(index) else { return }
                }
            }
        case .anywhere(let name):
            for (index, end) in path.boundaries.enumerated() where Int(end) >= name.count {
                let start = Int(end) - name.count
                guard start == 0 || path.bytes[start - 1] == UInt8(ascii: "/") else { continue }
                if path.holds(name, at: start) {
                    guard body(index) else { return }
                }
            }
        case .automaton(let automaton):
            automaton.forEachMatch(in: path.bytes, body)
        }
    }

    /// Whether there can be a path below `directory` that the pattern matches.
    func mayMatch(below directory: IgnorePath) -> Bool {
        let count = directory.bytes.count
        switch shape {
        case .exactly(let whole):
            return count == 0
                || whole.count > count + 1 && whole[count] == UInt8(ascii: "/")
                    && whole.prefix(count).elementsEqual(directory.bytes)
        case .prefix(let front):
            let shared = min(count, front.count)
            return front.prefix(shared).elementsEqual(directory.bytes.prefix(shared))
                && (front.count <= count || count == 0 || front[count] == UInt8(ascii: "/"))
        case .suffix, .anywhere:
            return true
        case .automaton(let automaton):
            return count == 0 || automaton.mayMatch(below: directory.bytes)
        }
    }
}
