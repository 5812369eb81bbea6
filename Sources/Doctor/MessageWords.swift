/// What a container's error message names.
struct MessageWords {
    let text: String

    init(_ text: String) { self.text = text }

    private var words: [String] {
        text.split { " \t\n'\"`,()[]{}=<>".contains($0) }.map(\.trimmingPunctuation).filter { !$0.isEmpty }
    }

    /// Absolute paths, at most three.
    var paths: [String] {
        var paths = [String]()
        for word in words
        where word.hasPrefix("/") && word.utf8.count > 1 && !word.hasPrefix("//") && !paths.contains(word) {
            paths.append(word)
        }
        return Array(paths.prefix(3))
    }

    /// The name of a library, such as `libGL.so.1`, without its directory.
    var library: String? {
        words.lazy.flatMap { $0.split(separator: ":") }.compactMap { word -> String? in
            let name = String(word.split(separator: "/").last ?? "")
            guard let mark = name.range(of: ".so") else { return nil }
            let rest = name[mark.upperBound...]
            return rest.isEmpty || rest.hasPrefix(".") ? name : nil
        }.first
    }

    /// The version of a symbol, such as `GLIBC_2.38`.
    var symbolVersion: String? {
        words.first { word in
            ["GLIBC_", "GLIBCXX_", "CXXABI_", "GCC_", "OPENSSL_"].contains { word.hasPrefix($0) }
        }
    }

    /// The module that Python or Node.js does not find.
    var module: String? {
        for mark in ["No module named ", "Cannot find module ", "Cannot find package "] {
            guard let range = text.range(of: mark) else { continue }
            let name = text[range.upperBound...].drop { "'\"`".contains($0) }.prefix { !"'\"` \n;,".contains($0) }
            if !name.isEmpty { return String(name) }
        }
        return nil
    }

    /// The class, with dots, or the archive that Java does not find.
    var javaName: String? {
        for mark in [
            "NoClassDefFoundError: ", "ClassNotFoundException: ", "main class ", "jarfile ", "manifest attribute, in ",
        ] {
            guard let range = text.range(of: mark) else { continue }
            let name = text[range.upperBound...].prefix { !" \t\n,;:\"'".contains($0) }
            // `Could not initialize class`: it is there.
            if !name.isEmpty, name != "Could" {
                return name.hasSuffix(".jar") ? String(name) : String(name.replacing("/", with: "."))
            }
        }
        return nil
    }

    /// A program that is looked for by its name: `exec: "server": executable file not found`, `env: 'python3': …`.
    var program: String? {
        for mark in ["exec: ", "env: ", "exec ", "spawn "] {
            guard let range = text.range(of: mark) else { continue }
            let name = text[range.upperBound...].drop { "'\"`‘".contains($0) }.prefix { !"'\"`’ :\n".contains($0) }
            if !name.isEmpty { return String(name) }
        }
        return nil
    }

    /// A user's or an account's name or number.
    var user: String? {
        for mark in ["find user ", "unknown userid ", "unknown user ", "non-numeric user (", "group "] {
            guard let range = text.range(of: mark) else { continue }
            let name = text[range.upperBound...].drop { "'\"`".contains($0) }.prefix { !"'\"`: )\n".contains($0) }
            if !name.isEmpty { return String(name) }
        }
        return nil
    }

    /// The name of a time zone: the last word with a slash that is not a path.
    var zone: String? { words.last { $0.contains("/") && !$0.hasPrefix("/") } }
}

extension StringProtocol {
    /// Without what a sentence puts behind a word.
    fileprivate var trimmingPunctuation: String {
        var word = self[...]
        while let last = word.last, ":;.)".contains(last) { word = word.dropLast() }
        return String(word)
    }

    /// Where `part` is for the first time.
    fileprivate func range(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
