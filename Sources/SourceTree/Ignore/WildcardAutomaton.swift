/// A pattern as a nondeterministic automaton whose states are bits, so that the time to match is the path's length times
/// the pattern's (by the machine word, 64 states at once), whatever the pattern.
///
/// A state stands before each token that is one character, and one at the end. `*` and a final `**` are not states:
/// they let the state where they are stay. `**/` is a state, that of being in a directory's name.
struct WildcardAutomaton: Sendable {
    private let words: Int
    /// For each ASCII character, the states that it moves to the next.
    private var advancing: [UInt64]
    /// The states that stay at a character, and those that also stay at a slash.
    private var staying: [UInt64]
    private var stayingAtSlash: [UInt64]
    /// The states of `**/`. A match that enters one from the state before also enters the next state, past no directory.
    private var optional: [UInt64]
    private let accepting: UInt64
    /// The states that a character outside ASCII may move to the next.
    private var wide: [(state: Int, token: IgnoreToken)] = []

    init(_ tokens: [IgnoreToken]) {
        let last = tokens.count { $0 != .star && $0 != .everything }
        words = last / 64 + 1
        accepting = 1 << (last % 64)
        advancing = [UInt64](repeating: 0, count: 128 * words)
        staying = [UInt64](repeating: 0, count: words)
        stayingAtSlash = staying
        optional = staying
        var state = 0
        for token in tokens {
            let (word, bit) = (state / 64, UInt64(1) << (state % 64))
            switch token {
            case .star:
                staying[word] |= bit
                continue
            case .everything:
                staying[word] |= bit
                stayingAtSlash[word] |= bit
                continue
            case .directories:
                staying[word] |= bit
                stayingAtSlash[word] |= bit
                optional[word] |= bit
            case .character, .any, .set:
                break
            }
            for value in 0..<128 where token.accepts(UInt32(value)) { advancing[value * words + word] |= bit }
            wide.append((state, token))
            state += 1
        }
    }
}

// MARK: - Matching

extension WildcardAutomaton {
    /// Calls `body` with the index of each of the path's components up to which the pattern matches, until it returns
    /// false.
    @inline(__always)
    func forEachMatch(in path: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Bool) {
        if words == 1 {
            forEachMatchOfOneWord(in: path, body)
        } else {
            forEachMatchOfWords(in: path, body)
        }
    }

    /// Whether there can be a path below `directory`, which is not empty, that the pattern matches.
    func mayMatch(below directory: UnsafeBufferPointer<UInt8>) -> Bool {
        withStates { states in
            var index = 0
            while index < directory.count {
                let (isActive, length) = advance(states, in: directory, at: index)
                guard isActive else { return false }
                index += length
            }
            return [UInt8(ascii: "/")].withUnsafeBufferPointer { slash in
                advance(states, in: slash, at: 0).isActive
            }
        }
    }

    /// The loop that most patterns need, with all that it uses in registers.
    @inline(__always)
    private func forEachMatchOfOneWord(in path: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Bool) {
        let (staying, stayingAtSlash, optional) = (staying[0], stayingAtSlash[0], optional[0])
        advancing.withUnsafeBufferPointer { advancing in
            var states = 1 | (1 & optional) << 1
            var component = 0
            var index = 0
            while index < path.count {
                let byte = path[index]
                if byte == UInt8(ascii: "/") {
                    if states & accepting != 0, !body(component) { return }
                    component += 1
                }
                var moved: UInt64
                if byte < 0x80 {
                    moved = states & advancing[Int(byte)]
                    index += 1
                } else {
                    let character = IgnoreCharacter(atFrontOf: path[index...])
                    moved = 0
                    for (state, token) in wide where token.accepts(character.value) { moved |= states & 1 << state }
                    index += character.length
                }
                moved <<= 1
                moved |= (moved & optional) << 1
                states = moved | states & (byte == UInt8(ascii: "/") ? stayingAtSlash : staying)
                if states == 0 { return }
            }
            if states & accepting != 0 { _ = body(component) }
        }
    }

    private func forEachMatchOfWords(in path: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Bool) {
        withStates { states in
            var component = 0
            var index = 0
            while index < path.count {
                if path[index] == UInt8(ascii: "/") {
                    if isAccepting(states), !body(component) { return }
                    component += 1
                }
                let (isActive, length) = advance(states, in: path, at: index)
                guard isActive else { return }
                index += length
            }
            if isAccepting(states) { _ = body(component) }
        }
    }
}

// MARK: - States

extension WildcardAutomaton {
    private typealias States = UnsafeMutableBufferPointer<UInt64>

    /// Calls `body` with the states that are active before the first character.
    private func withStates<Result>(_ body: (States) -> Result) -> Result {
        // Twice the words: the second half is for the states that a character outside ASCII moves on.
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * words) { states in
            states.initialize(repeating: 0)
            states[0] = 1 | (1 & optional[0]) << 1
            return body(states)
        }
    }

    private func isAccepting(_ states: States) -> Bool { states[words - 1] & accepting != 0 }

    /// Moves over the character at `index`; returns its length and whether any state is left.
    private func advance(
        _ states: States,
        in path: UnsafeBufferPointer<UInt8>,
        at index: Int
    ) -> (isActive: Bool, length: Int) {
        let byte = path[index]
        var length = 1
        if byte >= 0x80 {
            let character = IgnoreCharacter(atFrontOf: path[index...])
            length = character.length
            for word in words..<(2 * words) { states[word] = 0 }
            for (state, token) in wide where token.accepts(character.value) {
                states[words + state / 64] |= 1 << (state % 64)
            }
        }
        var active: UInt64 = 0
        // What the word before shifts into this one, at each of the two steps.
        var carried: UInt64 = 0
        var carriedPast: UInt64 = 0
        for word in 0..<words {
            let before = states[word] & (byte < 0x80 ? advancing[Int(byte) * words + word] : states[words + word])
            var moved = before << 1 | carried
            carried = before >> 63
            let past = moved & optional[word]
            moved |= past << 1 | carriedPast
            carriedPast = past >> 63
            states[word] =
                moved | states[word] & (byte == UInt8(ascii: "/") ? stayingAtSlash[word] : staying[word])
            active |= states[word]
        }
        return (active != 0, length)
    }
}
