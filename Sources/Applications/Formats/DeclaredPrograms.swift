/// The programs that a `pyproject.toml` declares.
///
/// PyPA, Declaring project metadata § scripts; and Poetry's table of the same form.
struct DeclaredPrograms {
    struct Program: Hashable {
        let name: String
        let module: String
        /// An attribute of the module, with dots.
        let function: String
    }

    let all: [Program]
    private let project: String?
    /// Which versions of Python the project allows; `nil` if it does not say.
    let requiredPython: String?

    init(_ bytes: [UInt8]) {
        var (section, programs, project, python) = ("", [Program](), String?.none, String?.none)
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let text = line.drop { $0 == " " || $0 == "\t" }
            if text.hasPrefix("[") {
                section = text.prefix { $0 != "#" }.filter { $0 != " " }
                continue
            }
            guard !text.hasPrefix("#"), let (key, value) = Self.assignment(text) else { continue }
            switch section {
            case "[project]", "[tool.poetry]":
                if key == "name" { project = value }
                if key == "requires-python" { python = value }
            case "[tool.poetry.dependencies]": if key == "python" { python = python ?? value }
            case "[project.scripts]", "[tool.poetry.scripts]":
                let parts = value.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 2, parts.allSatisfy(\.isPythonName) else { continue }
                programs.append(Program(name: key, module: String(parts[0]), function: String(parts[1])))
            default: continue
            }
        }
        all = programs
        self.project = project
        requiredPython = python
    }

    /// The only one, or the one that is called as the project is.
    var main: Program? { all.count == 1 ? all[0] : all.first { $0.name == project } }

    /// The name of the project as its installed files have it; `nil` if there is none.
    static func project(_ contents: DirectoryContents) -> String? {
        contents.read("pyproject.toml").flatMap { DeclaredPrograms($0).project?.replacing("-", with: "_") }
    }

    /// `KEY = "VALUE"`; `nil` for other values.
    private static func assignment(_ line: Substring) -> (String, String)? {
        let fields = line.split(separator: "=", maxSplits: 1)
        guard fields.count == 2 else { return nil }
        let value = fields[1].filter { $0 != " " }
        guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
        return (fields[0].filter { !" \"\t".contains($0) }, String(value.dropFirst().prefix { $0 != quote }))
    }
}

extension Substring {
    /// Whether it is a dotted name, which is code where it is put into code.
    var isPythonName: Bool {
        !isEmpty && !hasPrefix(".") && !hasSuffix(".")
            && allSatisfy { $0 == "_" || $0 == "." || $0.isLetter || $0.isNumber }
    }
}
