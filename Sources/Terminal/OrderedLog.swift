import Diagnostics
import Synchronization

/// Lines that become known in any order, and are written in the order of their places.
package final class OrderedLog: Sendable {
    private struct State {
        /// The lines of each place; `nil` while they are not known.
        var lines: [[String]?]
        var next = 0
    }

    private let state: Mutex<State>

    package init(places: Int) { state = Mutex(State(lines: Array(repeating: nil, count: places))) }

    package func add(_ lines: [String], at place: Int) {
        state.withLock { state in
            state.lines[place] = lines
            while state.next < state.lines.count, let lines = state.lines[state.next] {
                for line in lines { Console.log(line.escapedForTerminal) }
                state.lines[state.next] = []
                state.next += 1
            }
        }
    }
}
