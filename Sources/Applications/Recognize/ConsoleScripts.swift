import Layers

/// How a program that a Python package declares is started.
package struct ConsoleProgram {
    /// The package that declares it.
    package let package: String
    /// With the interpreter.
    package let words: [String]
}

extension Recognition {
    /// The program called `name` of an installed Python package; `nil` if there is none.
    package func consoleProgram(_ name: String) -> ConsoleProgram? {
        let script = ConsoleScripts(in: contents, PythonPackages(in: contents))[name]
        return script.map { ConsoleProgram(package: $0.package, words: ["python3"] + $0.arguments(in: self)) }
    }
}

/// The programs that installed Python packages declare.
///
/// PyPA, Entry points specification § File format: `[console_scripts]` of `entry_points.txt`.
struct ConsoleScripts {
    struct Script: Hashable {
        let name: String
        let module: String
        /// An attribute of the module, with dots.
        let function: String
        /// Where the packages are, relative to the application; empty for the application itself.
        let place: String
        /// The name of the package that declares it: `gunicorn` of `gunicorn-22.0.dist-info`.
        let package: String
    }

    /// Sorted by name.
    let all: [Script]

    init(in contents: DirectoryContents, _ packages: PythonPackages) {
        var scripts: [String: Script] = [:]
        let marks = contents.entries { $0.suffix(17).elementsEqual("/entry_points.txt".utf8) }
        for name in marks.compactMap({ contents.name(of: $0.path) }) {
            let parts = name.split(separator: "/")
            guard parts.count >= 2, let directory = parts.dropLast().last, directory.hasSuffix(".dist-info"),
                let bytes = contents.read(name)
            else { continue }
            let place = parts.dropLast(2).joined(separator: "/")
            guard packages.places.contains(place) else { continue }
            for line in Self.lines(bytes) {
                guard let script = Script(line, in: place, of: String(directory.prefix { $0 != "-" })) else { continue }
                if scripts[script.name] == nil { scripts[script.name] = script }
            }
        }
        all = scripts.values.sorted { $0.name < $1.name }
    }

    subscript(name: String) -> Script? { all.first { $0.name == name } }

    /// The lines of the section of programs.
    private static func lines(_ bytes: [UInt8]) -> [Substring] {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let start = lines.firstIndex(where: { $0.filter { $0 != " " } == "[console_scripts]" }) else { return [] }
        return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("[") })
    }
}

extension ConsoleScripts.Script {
    /// `NAME = MODULE:FUNCTION [EXTRAS]`; `nil` for what is not one.
    fileprivate init?(_ line: Substring, in place: String, of package: String) {
        let fields = line.split(separator: "=", maxSplits: 1)
        guard fields.count == 2 else { return nil }
        let object = fields[1].prefix { $0 != "[" }.filter { $0 != " " && $0 != "\t" }
        let parts = object.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(\.isPythonName) else { return nil }
        name = fields[0].filter { $0 != " " && $0 != "\t" }
        module = String(parts[0])
        function = String(parts[1])
        self.place = place
        self.package = package
    }

    /// What follows `python3` to start it, wherever its own file's first line leads.
    func arguments(in recognition: Recognition) -> [String] {
        let contents = recognition.contents
        func path(_ name: String) -> String { place.isEmpty ? name : "\(place)/\(name)" }
        // A package that is a program by its own name is that program.
        let top = module.prefix { $0 != "." }
        if name == top, contents.hasFile(path("\(top)/__main__.py")) { return ["-m", name] }
        // `lib/python3.11/site-packages` is three directories below its environment.
        let environment = place.split(separator: "/").dropLast(3).map(String.init) + ["bin", name]
        let files = [path("bin/\(name)"), environment.joined(separator: "/")]
        if let file = files.first(where: contents.hasFile) { return [recognition.place(file)] }
        let first = function.prefix { $0 != "." }
        return ["-c", "import sys; from \(module) import \(first); sys.exit(\(function)())"]
    }
}
