package import Diagnostics

/// What a step of planning came to, and what is to be said of it.
package struct Checked<Value> {
    package let value: Value
    package let remarks: Remarks

    init(_ value: Value, _ remarks: Remarks = Remarks()) {
        self.value = value
        self.remarks = remarks
    }
}

extension Checked: Sendable where Value: Sendable {}

/// Notes and problems, in the order in which they are reported.
package struct Remarks: Sendable {
    /// Worth knowing, and no reason to stop.
    package var notes: [Diagnostic] = []
    /// What refuses the image.
    package var problems = Problems()

    /// Keeps what is to be said of `checked`; returns its value.
    mutating func take<Value>(_ checked: Checked<Value>) -> Value {
        add(checked.remarks)
        return checked.value
    }

    /// The same for one of several images: what was noted of another is not noted again.
    mutating func takeOnce<Value>(_ checked: Checked<Value>) -> Value {
        for note in checked.remarks.notes { noteOnce(note) }
        problems.add(checked.remarks.problems)
        return checked.value
    }

    mutating func add(_ others: Remarks) {
        notes += others.notes
        problems.add(others.problems)
    }

    /// Adds `note`, unless its summary was noted before.
    mutating func noteOnce(_ note: Diagnostic) {
        if !notes.contains(where: { $0.summary == note.summary }) { notes.append(note) }
    }

    /// Runs `body` and keeps what it throws; returns `nil` then.
    mutating func collect<Result>(_ body: () throws(Diagnostic) -> Result) -> Result? {
        problems.collect(body)
    }
}
