package import OCI

/// The files that the words of an image tell an interpreter to read.
package struct InterpreterWords: Hashable, Sendable {
    /// A file that the interpreter ends without.
    package struct File: Hashable, Sendable {
        /// As it is named, relative to the working directory unless it begins with `/`.
        package let path: String
        /// The words that name it, such as `java -jar`, for a reason.
        package let reader: String
        /// What the interpreter puts behind the name where it finds no such file.
        package let suffixes: [String]
    }

    package private(set) var files: [File] = []
    /// What Java's class path names, without empty elements: what is missing of it is passed over without a word.
    package private(set) var classPath: [String] = []

    /// Reads the words that start `execution`, and the variables that interpreters take options from.
    ///
    /// What cannot be read for certain names no file.
    package init(_ execution: ImageConfig.Execution) {
        var words = execution.words[...]
        while let word = words.first, ["env", "tini", "dumb-init"].contains(Self.name(word)) {
            words.removeFirst()
            if let end = words.firstIndex(of: "--") {
                words = words[(end + 1)...]
            } else if words.first?.hasPrefix("-") ?? true || words.first?.contains("=") ?? true {
                return
            }
        }
        guard let program = words.popFirst().map(Self.name) else { return }
        switch program {
        case "java": java(Array(words), execution)
        case "node", "nodejs": node(words)
        case "sh", "bash", "dash", "ash", "ruby", "perl", "php":
            // A name without a slash may be found elsewhere, and what follows an option may be its value.
            if let file = words.first, !file.hasPrefix("-"), file.contains("/") { add(file, program) }
        case "dotnet":
            if words.first == "exec" { words.removeFirst() }
            if let file = words.first, file.hasSuffix(".dll") { add(file, program) }
        case _ where Self.isPython(program): python(words)
        default: break
        }
    }

    private static func name(_ word: String) -> String { word.split(separator: "/").last.map(String.init) ?? "" }

    private static func isPython(_ name: String) -> Bool {
        name.hasPrefix("python") && name.dropFirst("python".count).allSatisfy { $0.isNumber || $0 == "." }
    }

    private mutating func add(_ path: String, _ reader: String, suffixes: [String] = []) {
        guard !path.isEmpty else { return }
        files.append(File(path: path, reader: reader, suffixes: suffixes))
    }

    // MARK: Java

    /// Options whose value is the next word. JDK 21, `java`, § Standard Options for Java.
    private static let javaValues: Set<String> = [
        "-p", "--module-path", "--upgrade-module-path", "--add-modules", "--add-exports", "--add-opens", "--add-reads",
        "--limit-modules", "--patch-module", "--enable-native-access", "--source", "-d", "--describe-module",
    ]

    private mutating func java(_ words: [String], _ execution: ImageConfig.Execution) {
        for name in ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"] {
            // Java takes quotes for its own, and what is between them may have spaces.
            guard let options = execution.value(of: name), !options.contains(where: { "\"'".contains($0) }) else {
                continue
            }
            for word in options.split(whereSeparator: \.isWhitespace) { javaAgent(String(word), in: name) }
        }
        var classPath = execution.value(of: "CLASSPATH")
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "-jar":
                // With it, the class path of options and variables does not count.
                if let file = rest.first { add(file, "`java -jar`") }
                return
            case "-cp", "-classpath", "--class-path": classPath = rest.popFirst() ?? ""
            case "-m", "--module", "-version", "--version", "-help", "--help", "-h", "-?": return
            case _ where word.hasPrefix("--class-path="): classPath = String(word.dropFirst("--class-path=".count))
            case _ where word.hasPrefix("--module="): return
            case _ where Self.javaValues.contains(word): rest = rest.dropFirst()
            case _ where word.hasPrefix("@"):
                // It may have any options in it.
                if !word.hasPrefix("@@") { add(String(word.dropFirst()), "`java`") }
                return
            case _ where word.hasPrefix("-"): javaAgent(word, in: "java")
            case _ where word.hasSuffix(".java"): return add(word, "`java`")
            default:
                self.classPath = (classPath ?? "").split(separator: ":").map(String.init)
                return
            }
        }
    }

    /// java.lang.instrument: `-javaagent:FILE[=OPTIONS]`. The tool interface's `-agentpath:` is alike.
    private mutating func javaAgent(_ word: String, in place: String) {
        for option in ["-javaagent:", "-agentpath:"] where word.hasPrefix(option) {
            add(String(word.dropFirst(option.count).prefix { $0 != "=" }), "`\(option)` of `\(place)`")
        }
    }

    // MARK: Python and Node.js

    /// Python, Command line and environment.
    private mutating func python(_ words: ArraySlice<String>) {
        var rest = words
        while let word = rest.popFirst() {
            if word == "-" { return }
            guard word.hasPrefix("-") else { return add(word, "Python") }
            if word == "--check-hash-based-pycs" { rest = rest.dropFirst() }
            if word.hasPrefix("--") { continue }
            // Letters of one word are options, up to one that takes what follows.
            guard let last = word.dropFirst().firstIndex(where: { "cmWX".contains($0) }) else {
                if word.contains(where: { "hV?".contains($0) }) { return }
                continue
            }
            if "cm".contains(word[last]) { return }
            if word.index(after: last) == word.endIndex { rest = rest.dropFirst() }
        }
    }

    /// Options without a value. Others may take the next word, and what starts is not known then.
    private static let nodeFlags: Set<String> = [
        "--enable-source-maps", "--no-warnings", "--no-deprecation", "--expose-gc", "--expose_gc", "--trace-warnings",
        "--trace-uncaught", "--trace-deprecation", "--throw-deprecation", "--inspect", "--use-openssl-ca",
        "--use-bundled-ca", "--preserve-symlinks", "--preserve-symlinks-main", "--abort-on-uncaught-exception",
    ]

    /// Node.js, Command-line API, and Modules: CommonJS modules § File modules.
    private mutating func node(_ words: ArraySlice<String>) {
        var rest = words
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                if word != "inspect" { add(word, "Node.js", suffixes: [".js", ".json", ".node"]) }
                return
            }
            if !word.hasPrefix("--") || !(word.contains("=") || Self.nodeFlags.contains(word)) { return }
        }
    }
}
