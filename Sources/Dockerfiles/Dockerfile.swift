import Diagnostics
import OCI

/// What a Dockerfile takes from other images: those that stages stand on, and those that files are copied or mounted from; with the bytes
/// that say so.
///
/// The Dockerfile reference, § Parser directives, § FROM, § Understand how ARG and FROM interact, § COPY --from, § RUN --mount,
/// § Here-Documents. Nothing is refused that a builder would refuse: `DockerfileStages` understands all instructions.
package struct Dockerfile: Hashable, Sendable {
    /// An image that a stage stands on, or that files are taken from.
    package struct Base: Hashable, Sendable {
        /// What names it: `FROM`, `FROM … AS name`, `COPY --from`, `RUN --mount`.
        package let place: String
        /// The image as a builder reads it, with its variables replaced.
        package let text: String
        /// For each byte of the text, where it stands in the file; `nil` for an escaped one.
        let places: [Int?]
        /// The line of the image, counted from 1.
        package let line: Int
        /// Why it is not known which image it is, as a clause; `nil` if it is.
        package let obstacle: String?
    }

    /// Largest file, in bytes.
    package static let sizeLimit = 4 << 20

    /// In the order of the file, without `scratch` and without those of earlier stages.
    package let images: [Base]

    /// Whether a file of this name is a Dockerfile: `Dockerfile`, `Containerfile.dev`, `api.Dockerfile`.
    package static func isNamed(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["dockerfile", "containerfile"].contains { word in
            name == word || name.hasPrefix("\(word).") || name.hasSuffix(".\(word)")
        }
    }

    /// Whether a stage stands on one of the images.
    package var hasStages: Bool { images.contains { $0.place.hasPrefix("FROM") } }

    /// Reads the bytes of a Dockerfile.
    package init(parsing bytes: [UInt8]) {
        var reading = DockerfileReading(bytes)
        images = reading.images()
    }
}

extension Dockerfile.Base {
    /// Where `part` of the text, which stands in it once, is in the file; `nil` if its bytes are not together there.
    package func range(of part: String) -> Range<Int>? {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard !part.isEmpty, text.count >= part.count, text.count == places.count,
            let start = (0...(text.count - part.count)).last(where: { text[$0...].starts(with: part) })
        else { return nil }
        let found = places[start..<(start + part.count)].compactMap(\.self)
        guard found.count == part.count, let first = found.first, let last = found.last, last - first + 1 == part.count
        else { return nil }
        return first..<(last + 1)
    }
}

/// A byte of an instruction, and where it stands in the file; `nil` if a builder made it.
struct PlacedByte {
    let byte: UInt8
    let place: Int?
}

/// A Dockerfile while it is read: its lines, instructions, words and variables.
struct DockerfileReading {
    /// The value of a variable, or why there is none.
    enum Value {
        case known([PlacedByte])
        case unknown(String)
    }

    struct Line {
        /// Without its end.
        let range: Range<Int>
        let number: Int
    }

    /// As long as values may get by variables in variables.
    private static let longestValue = 16 << 10
    /// What builders set by themselves for `FROM`.
    static let automatic: Set<String> = [
        "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM", "TARGETOS", "TARGETARCH",
        "TARGETVARIANT",
    ]

    let bytes: [UInt8]
    let lines: [Line]
    private var escape = UInt8(ascii: "\\")
    private var next = 0
    var variables: [String: Value] = [:]
    /// Whether an instruction of a stage is read, and not what stands before the first one.
    var isInStage = false
    /// For the text of a line that ends a here-document, where there are such lines; made when it is first asked for.
    private var documentEnds: [Bool: [ArraySlice<UInt8>: [Int]]] = [:]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var lines = [Line]()
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let text = end > start && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
            lines.append(Line(range: start..<text, number: lines.count + 1))
            start = end + 1
        }
        self.lines = lines
    }

    mutating func images() -> [Dockerfile.Base] {
        readDirectives()
        var images = [Dockerfile.Base]()
        var stages: Set<String> = []
        var hasStage = false
        while let (instruction, line) = nextInstruction() {
            let words = words(of: instruction)
            guard let first = words.first else { continue }
            switch String(decoding: first.map(\.byte), as: UTF8.self).uppercased() {
            case "ARG" where !hasStage: for word in words.dropFirst() { declare(word) }
            case "FROM":
                hasStage = true
                var rest = words.dropFirst()
                while let word = rest.first, word.starts(with: "--".utf8, by: { $0.byte == $1 }) {
                    rest = rest.dropFirst()
                }
                guard let image = rest.first else { continue }
                rest = rest.dropFirst()
                var stage: String?
                if let keyword = rest.first, Self.text(keyword).uppercased() == "AS" {
                    stage = rest.dropFirst().first.map { Self.text($0) }
                }
                let base = base(image, line: line.number, at: stage.map { "FROM … AS \($0)" } ?? "FROM")
                let isStage = stages.contains(base.text.lowercased())
                if let stage { stages.insert(stage.lowercased()) }
                if !isStage, base.text != "scratch" || base.obstacle != nil { images.append(base) }
            case "COPY", "RUN":
                images += sources(words, line: line.number).filter { !stages.contains($0.text.lowercased()) }
                skipDocuments(words)
            case "ADD", "ONBUILD": skipDocuments(words)
            default: continue
            }
        }
        return images
    }

    /// The images of `COPY --from=IMAGE` and `RUN --mount=…,from=IMAGE`.
    ///
    /// A stage by its number and a name without tag and digest, which may be a context that the builder is given, are not among them.
    private func sources(_ words: [[PlacedByte]], line: Int) -> [Dockerfile.Base] {
        guard let instruction = words.first.map({ Self.text($0).uppercased() }) else { return [] }
        let option = instruction == "COPY" ? "--from=" : "--mount="
        let options = words.dropFirst().prefix { $0.starts(with: "--".utf8, by: { $0.byte == $1 }) }
        return options.flatMap { word -> [ArraySlice<PlacedByte>] in
            guard word.starts(with: option.utf8, by: { $0.byte == $1 }) else { return [] }
            let value = word.dropFirst(option.utf8.count)
            guard instruction == "RUN" else { return [value] }
            // A list of fields with commas between them, as a whole in quotes if a value has one.
            return value.split { $0.byte == UInt8(ascii: ",") }.compactMap { field in
                let field = field.drop { $0.byte == UInt8(ascii: "\"") }
                return field.starts(with: "from=".utf8, by: { $0.byte == $1 }) ? field.dropFirst(5) : nil
            }
        }
        .compactMap { value in
            let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
            let value = value.filter { !quotes.contains($0.byte) }
            let text = Self.text(value)
            guard text.contains(where: { ":/@".contains($0) }) else { return nil }
            let place = instruction == "COPY" ? "COPY --from" : "RUN --mount"
            // Builders replace no variables here.
            let reason = text.contains("$") ? "builders replace no variables here" : nil
            return Dockerfile.Base(
                place: place,
                text: text,
                places: value.map(\.place),
                line: self.line(of: value, else: line),
                obstacle: reason ?? Self.obstacle(value)
            )
        }
    }

    /// The line of a word, if its instruction goes over several.
    private func line(of word: [PlacedByte], else line: Int) -> Int {
        let place = word.lazy.compactMap(\.place).first
        return place.flatMap { place in lines.last { $0.range.lowerBound <= place } }?.number ?? line
    }

    private func base(_ word: [PlacedByte], line: Int, at place: String) -> Dockerfile.Base {
        let line = self.line(of: word, else: line)
        switch expand(word[...]) {
        case .known(let value):
            return Dockerfile.Base(
                place: place,
                text: Self.text(value),
                places: value.map(\.place),
                line: line,
                obstacle: Self.obstacle(value)
            )
        case .unknown(let reason):
            return Dockerfile.Base(place: place, text: Self.text(word), places: [], line: line, obstacle: reason)
        }
    }

    private static func obstacle(_ value: [PlacedByte]) -> String? {
        if value.isEmpty { return "it is empty once its variables are replaced" }
        return text(value).utf8.elementsEqual(value.map(\.byte)) ? nil : "it is not UTF-8"
    }

    static func text(_ bytes: some Sequence<PlacedByte>) -> String {
        String(decoding: bytes.map(\.byte), as: UTF8.self)
    }

    // MARK: Lines

    /// `# escape=` and other directives, which stand before everything else.
    mutating func readDirectives() {
        var seen: Set<String> = []
        while next < lines.count {
            guard let (name, value) = Self.directive(bytes[lines[next].range]) else { return }
            let key = name.lowercased()
            guard ["syntax", "escape", "check"].contains(key), seen.insert(key).inserted else { return }
            if key == "escape", value == "`" { escape = UInt8(ascii: "`") }
            next += 1
        }
    }

    /// The name and the value of `# name = value`; `nil` for another line.
    private static func directive(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
        var rest = line.drop(while: isBlank)
        guard rest.popFirst() == UInt8(ascii: "#") else { return nil }
        rest = rest.drop(while: isBlank)
        let name = rest.prefix(while: isAlphanumeric)
        guard let first = name.first, first > UInt8(ascii: "9") else { return nil }
        rest = rest[name.endIndex...].drop(while: isBlank)
        guard rest.popFirst() == UInt8(ascii: "=") else { return nil }
        var value = rest.drop(while: isBlank)
        while let last = value.last, isBlank(last) { value.removeLast() }
        guard !value.isEmpty else { return nil }
        return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The line without blanks before it; `nil` for a comment.
    private func content(of line: Line) -> ArraySlice<UInt8>? {
        let text = bytes[line.range].drop(while: Self.isBlank)
        return text.first == UInt8(ascii: "#") ? nil : text
    }

    /// The next instruction as one line, and the first of its lines; `nil` at the end.
    mutating func nextInstruction() -> ([PlacedByte], Line)? {
        var instruction = [PlacedByte]()
        var first: Line?
        while next < lines.count {
            let line = lines[next]
            next += 1
            // Comments and empty lines do not end an instruction.
            guard var text = content(of: line), !text.isEmpty else { continue }
            // Blanks before a line that goes on with another one can be a part of a value.
            if first == nil { first = line } else { text = bytes[line.range] }
            var end = text.endIndex
            while end > text.startIndex, Self.isBlank(text[end - 1]) { end -= 1 }
            let goesOn = end > text.startIndex && text[end - 1] == escape
            let kept = goesOn ? bytes[text.startIndex..<(end - 1)] : text
            instruction += kept.indices.map { PlacedByte(byte: bytes[$0], place: $0) }
            if !goesOn { break }
        }
        return first.map { (instruction, $0) }
    }

    /// Passes over the bodies of here-documents that an instruction begins. One without an end is ignored.
    private mutating func skipDocuments(_ words: [[PlacedByte]]) {
        for word in words {
            if let (name, dropsTabs) = Self.document(word.map(\.byte)) { _ = takeDocument(name, dropsTabs) }
        }
    }

    /// The lines of a here-document that begins with the next line; `nil` if none ends it.
    mutating func takeDocument(_ name: ArraySlice<UInt8>, _ dropsTabs: Bool) -> ArraySlice<Line>? {
        var ends = documentEnds[dropsTabs] ?? [:]
        if ends.isEmpty {
            for (index, line) in lines.enumerated() {
                let text = bytes[line.range]
                ends[dropsTabs ? text.drop { $0 == UInt8(ascii: "\t") } : text, default: []].append(index)
            }
            documentEnds[dropsTabs] = ends
        }
        // In the order of the file: a document is looked for where the last one ended.
        guard let places = ends[name] else { return nil }
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] < next { low = middle + 1 } else { high = middle }
        }
        guard low < places.count else { return nil }
        defer { next = places[low] + 1 }
        return lines[next..<places[low]]
    }

    /// The line that ends the here-document of `3<<-"NAME"`, and whether tabs before lines count for nothing; `nil` for
    /// another word.
    static func document(_ word: [UInt8]) -> (name: ArraySlice<UInt8>, dropsTabs: Bool)? {
        var rest = word.drop(while: isDigit)
        guard rest.starts(with: "<<".utf8) else { return nil }
        rest = rest.dropFirst(2)
        let dropsTabs = rest.first == UInt8(ascii: "-")
        if dropsTabs { rest.removeFirst() }
        if let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            guard rest.count > 1, rest.last == quote else { return nil }
            rest = rest.dropFirst().dropLast()
        }
        let isName = { (byte: UInt8) in isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") }
        guard let first = rest.first, !isDigit(first), first != UInt8(ascii: "."), rest.allSatisfy(isName) else {
            return nil
        }
        return (rest, dropsTabs)
    }

    // MARK: Words

    /// The words between blanks that are not in quotes. Quotes stay.
    func words(of instruction: some Collection<PlacedByte>) -> [[PlacedByte]] {
        var words = [[PlacedByte]]()
        var rest = Array(instruction)[...]
        while let word = nextWord(&rest) { words.append(Array(word)) }
        return words
    }

    /// The first word of `rest`, which is what follows it then; `nil` if there is none.
    func nextWord(_ rest: inout ArraySlice<PlacedByte>) -> ArraySlice<PlacedByte>? {
        rest = rest.drop { Self.isBlank($0.byte) }
        let (whole, start) = (rest, rest.startIndex)
        var quote: UInt8?
        var isEscaped = false
        while let placed = rest.first {
            let byte = placed.byte
            if quote == nil, !isEscaped, Self.isBlank(byte) { break }
            rest = rest.dropFirst()
            if isEscaped {
                isEscaped = false
            } else if byte == escape, quote != UInt8(ascii: "'") {
                isEscaped = true
            } else if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            }
        }
        let word = whole[start..<rest.startIndex]
        return word.isEmpty ? nil : word
    }

    /// `NAME` or `NAME=VALUE`.
    mutating func declare(_ word: [PlacedByte]) {
        let name = Self.text(word.prefix { $0.byte != UInt8(ascii: "=") })
        guard let equals = word.firstIndex(where: { $0.byte == UInt8(ascii: "=") }) else {
            // A builder that sets it by itself keeps its value.
            guard variables[name] == nil else { return }
            variables[name] = .unknown(
                Self.automatic.contains(name)
                    ? "`\(name)` differs for each platform" : "`ARG \(name.excerpt)` has no default"
            )
            return
        }
        variables[name] = expand(word[(equals + 1)...])
    }

    /// A word without its quotes, and with the values of its variables.
    func expand(_ word: ArraySlice<PlacedByte>, depth: Int = 0) -> Value {
        var result = [PlacedByte]()
        var quote: UInt8?
        var index = word.startIndex
        guard depth < 10 else { return .unknown("its variables are nested too deep") }
        while index < word.endIndex {
            let placed = word[index]
            let byte = placed.byte
            index += 1
            switch byte {
            case escape where quote != UInt8(ascii: "'") && index < word.endIndex:
                result.append(PlacedByte(byte: word[index].byte, place: nil))
                index += 1
            case UInt8(ascii: "\"") where quote == nil || quote == byte,
                UInt8(ascii: "'") where quote == nil || quote == byte:
                quote = quote == nil ? byte : nil
            case UInt8(ascii: "$") where quote != UInt8(ascii: "'"):
                switch variable(word, &index, depth) {
                case .known(let value): result += value
                case .unknown(let reason): return .unknown(reason)
                }
            default: result.append(placed)
            }
            guard result.count <= Self.longestValue else {
                return .unknown("it is too long once its variables are replaced")
            }
        }
        return .known(result)
    }

    /// The text of a here-document with the values of its variables. Quotes stay, and so does a `$` without a name.
    ///
    /// BuildKit's `ProcessWord` with `SkipProcessQuotes`: `\` escapes one character, whatever the escape directive says.
    func expand(document text: ArraySlice<PlacedByte>) -> Value {
        var result = [PlacedByte]()
        var index = text.startIndex
        while index < text.endIndex {
            let placed = text[index]
            index += 1
            switch (placed.byte, index < text.endIndex ? text[index].byte : nil) {
            case (UInt8(ascii: "\\"), let next?):
                result.append(PlacedByte(byte: next, place: nil))
                index += 1
            // Parameters of a shell, which no builder has.
            case (UInt8(ascii: "$"), let next?) where Self.isDigit(next) || "@*#?-$!".utf8.contains(next): index += 1
            case (UInt8(ascii: "$"), let next?)
            where next == UInt8(ascii: "{") || next == UInt8(ascii: "_") || Self.isAlphanumeric(next):
                switch variable(text, &index, 0) {
                case .known(let value): result += value
                case .unknown(let reason): return .unknown(reason)
                }
            default: result.append(placed)
            }
            guard result.count <= Dockerfile.sizeLimit else {
                return .unknown("it is too long once its variables are replaced")
            }
        }
        return .known(result)
    }

    /// What stands behind a `$`: `NAME`, `{NAME}`, or `{NAME:-OTHER}` and its kin.
    private func variable(_ word: ArraySlice<PlacedByte>, _ index: inout Int, _ depth: Int) -> Value {
        func isName(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
        let isBraced = index < word.endIndex && word[index].byte == UInt8(ascii: "{")
        if isBraced { index += 1 }
        let start = index
        while index < word.endIndex, isName(word[index].byte) { index += 1 }
        let name = Self.text(word[start..<index])
        guard !name.isEmpty else { return .unknown("it has a `$` without the name of a variable") }
        guard isBraced else { return value(of: name) }
        var level = 1
        let rest = index
        while index < word.endIndex {
            if word[index].byte == UInt8(ascii: "{") { level += 1 }
            if word[index].byte == UInt8(ascii: "}") { level -= 1 }
            if level == 0 { break }
            index += 1
        }
        guard index < word.endIndex else { return .unknown("a `${` does not end") }
        let modifier = word[rest..<index]
        index += 1
        if modifier.isEmpty { return value(of: name) }
        let hasColon = modifier.first?.byte == UInt8(ascii: ":")
        let operation = modifier.dropFirst(hasColon ? 1 : 0)
        let other = operation.dropFirst()
        let known = value(of: name)
        var isSet = variables[name] != nil
        if case .known(let bytes) = known, hasColon { isSet = !bytes.isEmpty }
        if case .unknown = known { isSet = false }
        switch operation.first?.byte {
        // A builder may be given a value for an argument without a default; then the other text does not count.
        case UInt8(ascii: "-"): return isSet ? known : expand(other, depth: depth + 1)
        case UInt8(ascii: "+"): return isSet ? expand(other, depth: depth + 1) : .known([])
        default: return .unknown("`${\(name.excerpt)…}` has an operator that is not read here")
        }
    }

    private func value(of name: String) -> Value {
        if let known = variables[name] { return known }
        if Self.automatic.contains(name) { return .unknown("`\(name)` differs for each platform") }
        if isInStage { return .unknown("`\(name.excerpt)` is not set in this stage") }
        return .unknown("there is no `ARG \(name.excerpt)` with a default before the first `FROM`")
    }
}
