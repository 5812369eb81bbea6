import Diagnostics

/// Problems of one kind as a person reads them: what is wrong, where, why and what to do, each once.
struct MessageBlock {
    /// How serious it is.
    enum Severity {
        case error, warning, remark

        fileprivate var style: TerminalTraits.Style {
            switch self {
            case .error: .red
            case .warning: .yellow
            case .remark: .cyan
            }
        }
    }

    /// More are counted, and not listed.
    private static let listed = 20

    private let label: String
    private let severity: Severity
    private let problems: [Diagnostic]

    private init(_ label: String, _ severity: Severity, _ problems: [Diagnostic]) {
        (self.label, self.severity, self.problems) = (label, severity, problems)
    }

    /// One problem.
    init(_ label: String, _ severity: Severity, _ problem: Diagnostic) {
        self.init(label, severity, [problem])
    }

    /// Blocks for `problems`, those of one kind together, in the order of the first of each.
    static func blocks(_ problems: [Diagnostic], _ severity: Severity, label: (Diagnostic) -> String) -> [MessageBlock]
    {
        var places: [Kind: Int] = [:]
        var kinds: [[Diagnostic]] = []
        for problem in problems {
            if let place = places[Kind(problem)] {
                kinds[place].append(problem)
            } else {
                places[Kind(problem)] = kinds.count
                kinds.append([problem])
            }
        }
        return kinds.map { MessageBlock(label($0[0]), severity, $0) }
    }

    /// What problems have in common that stand in one block.
    private struct Kind: Hashable {
        let code: Diagnostic.Code
        let reason: String?
        let hint: String?

        init(_ problem: Diagnostic) {
            (code, reason, hint) = (problem.code, problem.reason, problem.hint)
        }
    }

    /// The block's lines, safe for a terminal.
    func text(for terminal: TerminalTraits) -> String {
        let first = problems[0]
        let others = problems.dropFirst()
        let more = others.isEmpty ? "" : others.count == 1 ? " (and 1 more)" : " (and \(others.count) more)"
        var fields = [Field(name: "\(label):", style: severity.style, text: first.summary + more, indent: 0)]
        if others.isEmpty {
            if let subject = first.subject { fields.append(Field(name: "at:", text: subject.description)) }
        } else if let subjects = distinctSubjects {
            fields += list("at:", subjects)
        } else {
            fields += list("also:", others.map(\.summary))
        }
        if let reason = first.reason { fields.append(Field(name: "because:", text: reason)) }
        if let hint = first.hint { fields.append(Field(name: "hint:", text: hint)) }
        return fields.map { $0.rendered(terminal) }.joined(separator: "\n")
    }

    /// Where the problems are, if that is all in which they differ.
    private var distinctSubjects: [String]? {
        var rests = Set<String>()
        var subjects = [String]()
        for problem in problems {
            guard case .file(let path, _)? = problem.subject else { return nil }
            rests.insert(problem.summary.replacing("`\(path)`", with: "``"))
            subjects.append(problem.subject?.description ?? path)
        }
        return rests.count == 1 && Set(subjects).count == subjects.count ? subjects : nil
    }

    private func list(_ name: String, _ texts: some Collection<String>) -> [Field] {
        var fields = texts.prefix(Self.listed).map { Field(name: name, text: $0) }
        let rest = texts.count - fields.count
        if rest > 0 { fields.append(Field(name: name, text: "\(rest) more")) }
        return fields
    }

    /// One line of the block, which a narrow terminal shows as several.
    private struct Field {
        let name: String
        var style = TerminalTraits.Style.bold
        let text: String
        var indent = 2

        func rendered(_ terminal: TerminalTraits) -> String {
            let start = String(repeating: " ", count: indent)
            let text = text.escapedForTerminal
            guard let columns = terminal.columns, columns >= 40 else {
                return start + terminal.styled(name, style) + " " + text
            }
            let wrapped = Wrapping.lines(
                text,
                first: columns - 1 - indent - name.count - 1,
                others: columns - 1 - indent - 2
            )
            return start + terminal.styled(name, style) + " " + wrapped.joined(separator: "\n\(start)  ")
        }
    }
}
