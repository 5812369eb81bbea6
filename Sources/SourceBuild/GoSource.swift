import ByteIO
import Glibc

/// Files of Go, as far as they say what they belong to.
package enum GoSource {
    /// A package clause is at a file's beginning; license texts may come before it. In bytes.
    private static let head = 64 << 10

    /// The names in `directory` of what Go would compile, tests excluded.
    static func files(in directory: FilePath) -> [String] {
        let names = (try? directoryEntries(of: directory)) ?? []
        return names.compactMap { String(validating: $0, as: UTF8.self) }.filter {
            $0.hasSuffix(".go") && !$0.hasSuffix("_test.go") && !$0.hasPrefix("_") && !$0.hasPrefix(".")
        }.sorted()
    }

    /// Whether `directory` looks like a program: Go has the last word.
    static func isProgram(_ directory: FilePath) -> Bool {
        files(in: directory).contains { name in
            guard let file = try? OpenFile(directory.appending(name), O_RDONLY | O_NONBLOCK),
                let status = try? file.status(), status.kind == .regular,
                let bytes = try? file.bytes(at: 0, count: Int(min(status.size, Int64(head))))
            else { return false }
            return isMain(bytes)
        }
    }

    /// The only directory at or below `directory` that looks like a program; `nil` if there are several or none, or too
    /// many directories to look through.
    ///
    /// `go help packages`: what `./...` passes over. Starting Go for this takes as long as a build that finds all done.
    static func onlyProgram(below directory: FilePath) -> FilePath? {
        var (places, found, count) = ([directory], FilePath?.none, 0)
        while let place = places.popLast() {
            count += 1
            guard count <= mostDirectories else { return nil }
            if isProgram(place) {
                guard found == nil else { return nil }
                found = place
            }
            for name in (try? directoryEntries(of: place)) ?? [] {
                guard let first = name.first, first != UInt8(ascii: "."), first != UInt8(ascii: "_"),
                    !["testdata", "vendor"].contains(where: { name.elementsEqual($0.utf8) })
                else { continue }
                let child = place.appending(name: name)
                // Another module is another build.
                if (try? FileStatus(at: child))?.kind == .directory,
                    !SourceProject.isFile(child.appending("go.mod"))
                {
                    places.append(child)
                }
            }
        }
        return found
    }

    private static let mostDirectories = 10_000

    /// Whether a file that begins with `bytes` is of `package main`, and not left out by its first lines.
    ///
    /// The Go Programming Language Specification § Package clause; `go help buildconstraint`.
    package static func isMain(_ bytes: [UInt8]) -> Bool {
        var isInComment = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            var rest = line.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            while !rest.isEmpty {
                if isInComment {
                    guard let end = rest.firstRange(of: "*/") else { break }
                    isInComment = false
                    rest = rest[end.upperBound...].drop { $0.isWhitespace }
                } else if rest.hasPrefix("/*") {
                    isInComment = true
                    rest = rest.dropFirst(2)
                } else {
                    break
                }
            }
            if isInComment || rest.isEmpty { continue }
            let words = rest.split(whereSeparator: \.isWhitespace)
            if words[0] == "//go:build", words.dropFirst().contains("ignore") { return false }
            if rest.hasPrefix("//") { continue }
            guard words[0] == "package", words.count > 1 else { return false }
            return words[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" } == "main"
        }
        return false
    }

    /// The name that a `go.mod` gives its module; `nil` if it gives none.
    ///
    /// Go Modules Reference § module directive.
    static func module(of bytes: [UInt8]) -> String? {
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.first == "module", words.count > 1 else { continue }
            let name = words[1].trimming { $0 == "\"" || $0 == "`" }
            return name.isEmpty ? nil : name
        }
        return nil
    }
}

extension Substring {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        var rest = drop(while: isTrimmed)
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }
}
