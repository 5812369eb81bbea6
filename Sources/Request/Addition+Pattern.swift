import ByteIO
import Diagnostics
import OCI

extension Addition {
    /// Most files that a pattern may match.
    private static let mostMatches = 10_000

    /// One for each file that the source means: `*` and `?` match within a name, `{a,b}` is one or the other.
    ///
    /// What matches goes into the destination under its own name, the content of a directory as `COPY` takes it.
    /// A source that is there under the very name is not a pattern.
    /// - Throws: `add.no-match`, `add.malformed`.
    package var matches: [Addition] {
        get throws(Diagnostic) {
            let text = source.display
            guard text.contains(where: { "*?{".contains($0) }), (try? FileStatus(at: source)) == nil else {
                return [self]
            }
            guard let alternatives = Self.alternatives(in: text) else {
                throw problem(.addMalformed, "it has more than \(Self.mostMatches) alternatives")
            }
            var found = [FilePath]()
            for alternative in alternatives {
                for path in try Self.expand(alternative, self) where !found.contains(path) { found.append(path) }
            }
            guard !found.isEmpty else { throw problem(.addNoMatch, "no file matches `\(text)`") }
            return found.map { path in
                var addition = self
                addition.source = path
                let isDirectory = (try? FileStatus(at: path, following: true))?.kind == .directory
                if !isDirectory { addition.destination += (destination.hasSuffix("/") ? "" : "/") + path.name }
                return addition
            }
        }
    }

    private func problem(_ code: Diagnostic.Code, _ reason: String) -> Diagnostic {
        Diagnostic(
            code,
            "`--add \(source.display):\(destination)` adds nothing",
            at: .option("--add"),
            because: reason,
            hint: "`*` and `?` match within a name, `{a,b}` is one or the other; quote them in a shell"
        )
    }

    /// The texts that `{a,b}` stands for; `nil` if there are too many.
    private static func alternatives(in text: String) -> [String]? {
        var (done, open) = ([String](), [text])
        while let next = open.popLast() {
            guard let start = next.firstIndex(of: "{"), let end = next[start...].firstIndex(of: "}"),
                next[start..<end].contains(",")
            else {
                done.append(next)
                continue
            }
            let parts = next[next.index(after: start)..<end].split(separator: ",", omittingEmptySubsequences: false)
            guard done.count + open.count + parts.count <= mostMatches else { return nil }
            open += parts.reversed().map { String(next[..<start] + $0 + next[next.index(after: end)...]) }
        }
        return done
    }

    /// The files that `pattern` matches, sorted by name. Names that begin with a dot are matched only by one.
    private static func expand(_ pattern: String, _ addition: Addition) throws(Diagnostic) -> [FilePath] {
        var places: [FilePath] = [pattern.hasPrefix("/") ? "/" : "."]
        for part in pattern.split(separator: "/").map(String.init) {
            guard part.contains(where: { "*?".contains($0) }) else {
                places = places.map { $0 == "." ? FilePath(part) : $0.appending(part) }
                continue
            }
            var next = [FilePath]()
            for place in places {
                let names = (try? directoryEntries(of: place)) ?? []
                let matching = names.filter { name in
                    let text = String(printing: name)
                    return NamePattern(part).matches(text) && (part.hasPrefix(".") || !text.hasPrefix("."))
                }
                next += matching.sorted { $0.lexicographicallyPrecedes($1) }.map { name in
                    place == "." ? FilePath(bytes: name) : place.appending(name: name)
                }
                guard next.count <= mostMatches else {
                    throw addition.problem(.addMalformed, "more than \(mostMatches) files match")
                }
            }
            places = next
        }
        return places.filter { (try? FileStatus(at: $0, following: true)) != nil }
    }
}

extension Diagnostic.Code {
    static let addNoMatch = Self("add.no-match", .input)
}
