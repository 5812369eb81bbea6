/// Something that a hint says to type, in backticks: a command, options, or options to leave out.
enum Proposal: Equatable {
    /// A whole command line.
    case command(String)
    /// Options, with their values if there are any, to be added to the command that printed the hint.
    case adding([String])
    /// Options to take away from that command.
    case leavingOut([String])
    /// An option in the place of others.
    case replacing([String], by: String)

    /// How the proposal is written in the hint: what lines of a case refer to.
    var text: String {
        switch self {
        case .command(let text): text
        case .adding(let options): options.joined(separator: " and ")
        case .leavingOut(let options): "without " + options.joined(separator: " and ")
        case .replacing(_, by: let option): option
        }
    }

    /// Options of other programs, which hints name as well.
    private static let ofOthers: Set<String> = [
        "--target", "--gpus", "--gpus all", "--omit=dev", "--clear-execstack", "--release", "-ldflags", "-tags",
        "-fPIC",
        "-static", "-C", "-v", "--raw-extract", "--build", "--passL:-static", "--gcc.exe:musl-gcc",
    ]

    /// The proposals of a hint, in its order.
    ///
    /// - Parameter marked: other words in backticks that a case has a command for.
    static func all(in hint: String, marked: Set<String> = []) -> [Proposal] {
        var proposals = [Proposal]()
        var leftOut = [String]()
        var isLeavingOut = false
        var isJoined = false
        // Every second part stands in backticks.
        let parts = hint.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        for (index, text) in parts.enumerated() {
            guard index % 2 == 1 else {
                let before = text.lowercased()
                if ["leave out ", "without ", "leave "].contains(where: before.hasSuffix) {
                    isLeavingOut = true
                } else if before != " and " {
                    isLeavingOut = false
                }
                isJoined = [" ", " and ", ", and ", ", with ", ", and the image's name with "].contains(before)
                continue
            }
            let after = index + 1 < parts.count ? parts[index + 1] : ""
            if isLeavingOut, text.hasPrefix("-") {
                leftOut.append(text)
            } else if isOption(text) {
                if after.hasPrefix(" in their place"), !leftOut.isEmpty {
                    proposals.append(.replacing(leftOut, by: text))
                } else if isJoined, case .adding(let options)? = proposals.last {
                    proposals[proposals.count - 1] = .adding(options + [text])
                } else {
                    proposals.append(.adding([text]))
                }
            } else if marked.contains(text) || text.hasPrefix("coracle ") {
                proposals.append(.command(text))
            }
        }
        return proposals + (leftOut.isEmpty ? [] : [.leavingOut(leftOut)])
    }

    private static func isOption(_ text: String) -> Bool {
        guard text.hasPrefix("-"), text.count > 1, !text.hasPrefix("-W") else { return false }
        let name = text.split(separator: " ")[0].split(separator: "=")[0]
        return !ofOthers.contains(text) && !ofOthers.contains(String(name))
    }
}
