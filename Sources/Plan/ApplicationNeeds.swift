package import Layers
package import Needs

/// What the programs of one image ask for, and why.
package struct ApplicationNeeds: Sendable {
    /// An answer, and the program that it is about: `nil` if a program cannot be inspected.
    package struct Answer: Hashable, Sendable {
        package let answer: NeedAnswer
        let program: EntryPath?
    }

    /// By their places in the image.
    package let programs: [EntryPath: ProgramNeeds]
    /// What the image starts, if it is one of them.
    package let start: EntryPath?
    /// Why there is more than can be seen; `nil` if there is not.
    package let hidden: String?

    package init(programs: [EntryPath: ProgramNeeds], start: EntryPath?, hidden: String?) {
        self.programs = programs
        self.start = start.flatMap { programs[$0] == nil ? nil : $0 }
        self.hidden = hidden
    }

    /// Who made what the image starts.
    var maker: ProgramMaker? { start.flatMap { programs[$0]?.maker } }

    /// The answer that asks for most; of equals that of the program which is started, then the first by path.
    package subscript(need: Need) -> Answer {
        var best = hidden.map { Answer(answer: .unknown($0), program: nil) }
        let paths = programs.keys.sorted()
        for path in [start].compactMap(\.self) + paths {
            guard let answer = programs[path]?[need] else { continue }
            if best.map({ answer.weight > $0.answer.weight }) ?? true { best = Answer(answer: answer, program: path) }
        }
        return best ?? Answer(answer: .unneeded("there is no program"), program: nil)
    }

    /// The answer's reason, with the program where it is not the one that is started.
    package func reason(_ need: Need) -> String {
        let answer = self[need]
        guard let program = answer.program, program != start else { return answer.answer.reason }
        return "\(answer.answer.reason) (\(program))"
    }
}
