/// What a start script runs: the main class, where its classes are, and options for Java.
struct JavaStartScript: Hashable {
    let mainClass: String
    /// Relative to the distribution.
    let classPath: [String]
    /// `$APP_HOME` in them is the distribution.
    let options: [String]
    /// Options that only a shell understands.
    let lostOptions: [String]

    /// `nil` if it is not a script of Gradle's `application` plug-in, or of sbt's native packager.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " || $0 == "\t" } }
        guard lines.first?.hasPrefix("#!") ?? false else { return nil }
        func value(_ names: String...) -> Substring? {
            names.lazy.compactMap { name in lines.first { $0.hasPrefix(name) }?.dropFirst(name.count) }.first
        }
        if let main = value("declare -a app_mainclass=", "declare -r app_mainclass=", "app_mainclass="),
            let path = value("declare -a app_classpath=", "declare -r app_classpath=", "app_classpath=")
        {
            let words = main.filter { !"()\"'".contains($0) }
            guard let name = words.split(separator: " ").last, name.isClassName else { return nil }
            mainClass = String(name)
            classPath = Self.path(path.filter { !"()".contains($0) }[...], home: "$lib_dir", in: "lib")
            let added = lines.filter { $0.hasPrefix("addJava ") }.map {
                $0.dropFirst("addJava ".count).filter { !"\"'".contains($0) }.replacing(
                    "${app_home}/..",
                    with: Self.home
                )
            }
            let isKnown = { (word: String) in !word.replacing(Self.home, with: "").contains("$") }
            options = added.filter(isKnown)
            lostOptions = added.filter { !isKnown($0) }
        } else if let path = value("CLASSPATH="), path.contains("$APP_HOME") {
            guard let main = Self.gradleMainClass(lines) else { return nil }
            mainClass = main
            classPath = Self.path(path, home: "$APP_HOME", in: "")
            let words = Self.options(value("DEFAULT_JVM_OPTS=") ?? "")
            let isKnown = { (word: String) in !word.replacing(Self.home, with: "").contains("$") }
            options = words.filter(isKnown)
            lostOptions = words.filter { !isKnown($0) }
        } else {
            return nil
        }
        guard !classPath.isEmpty else { return nil }
    }

    /// How the scripts call the directory that they are in.
    static let home = "$APP_HOME"

    /// The words of `text`, which is quoted twice: once for the script, once for `xargs`.
    private static func options(_ text: Substring) -> [String] {
        var inner = text
        if inner.hasPrefix("'"), inner.hasSuffix("'"), inner.count > 1 { inner = inner.dropFirst().dropLast() }
        var (words, word, isQuoted) = ([String](), String?.none, false)
        for character in inner.replacing("'\"'\"'", with: "\"") where character != "\\" {
            if character == "\"" {
                isQuoted.toggle()
                word = word ?? ""
            } else if character == " ", !isQuoted {
                if let whole = word { words.append(whole) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return (words + (word.map { [$0] } ?? [])).filter { !$0.isEmpty }
    }

    private static func path(_ text: Substring, home: String, in directory: String) -> [String] {
        text.filter { !"\"'".contains($0) }.split(separator: ":").compactMap { part in
            guard part.hasPrefix("\(home)/") else { return nil }
            let name = part.dropFirst(home.count + 1)
            guard !name.contains("$"), !name.split(separator: "/").contains("..") else { return nil }
            return directory.isEmpty ? String(name) : "\(directory)/\(name)"
        }
    }

    /// The word behind `-classpath "$CLASSPATH"`, on the same line or, between backslashes, on the next.
    private static func gradleMainClass(_ lines: [Substring]) -> String? {
        let words = lines.flatMap { $0.split(separator: " ").filter { $0 != "\\" } }
        for (index, word) in words.enumerated() where word == "-classpath" && index + 2 < words.count {
            let name = words[index + 2].filter { !"\"'".contains($0) }
            if name[...].isClassName { return name }
        }
        return nil
    }
}

extension Substring {
    /// Whether it is a dotted name of a class.
    fileprivate var isClassName: Bool {
        !isEmpty && !hasPrefix(".") && allSatisfy { $0 == "." || $0 == "_" || $0 == "$" || $0.isLetter || $0.isNumber }
            && !hasPrefix("$")
    }
}
