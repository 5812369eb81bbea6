package import Diagnostics

/// A text in a YAML file of someone else, with its place in the bytes, so that it can be changed and all else stays.
package struct YAMLScalar: Hashable, Sendable {
    /// A step from a collection to what is in it.
    package enum Step: Hashable, Sendable {
        /// To the value of a key.
        case key(String)
        /// To an element of a list, counted from 0.
        case element(Int)
        /// To a key that is not text, or to its value.
        case other
    }

    /// How a text is written.
    package enum Style: Hashable, Sendable {
        case plain, singleQuoted, doubleQuoted
        /// With `|` or `>`.
        case block
    }

    /// The text that a reader of the file gets.
    package let text: String
    /// From the document's top.
    package let path: [Step]
    /// Further places that have the same text, by an alias: their paths.
    package internal(set) var aliases: [[Step]] = []
    /// Where it stands, in bytes: with its quotes, and with its anchor and its tag.
    package let bytes: Range<Int>
    package let mark: YAMLValue.Mark
    /// Which document of the file it is in, counted from 0.
    package let document: Int
    package let style: Style
    /// Whether the collection that it is in is written with brackets.
    package let isInFlow: Bool
    /// Whether it is a key; its path is that of the mapping then.
    package let isKey: Bool
}

extension YAMLScalar {
    /// How deep values may be in each other.
    private static let depthLimit = 200
    /// The places that aliases lead to, of all texts together.
    private static let aliasLimit = 100_000

    /// All texts that are values, in the order of the file; not those that are keys.
    ///
    /// Everything that YAML 1.1 has is read: several documents, anchors, tags. Aliases of collections lead nowhere here: what is in
    /// a collection is listed once, where it stands.
    /// - Parameters:
    ///   - range: the piece of the file to read, which begins with a document; `nil` for all of it.
    ///   - firstLine: the number of the first line of that piece.
    ///   - withKeys: whether the texts that are keys are listed as well, each before its value.
    ///   - isWanted: whether a text is listed, by its bytes; `nil` for all. A text in a mapping that is itself a key is listed in any
    ///     case. Making no value of most texts saves more than half of the time.
    /// - Throws: `yaml.malformed`, `yaml.unsupported`, each with line and column; `yaml.too-large`.
    package static func all(
        in bytes: [UInt8],
        _ range: Range<Int>? = nil,
        from firstLine: Int = 1,
        withKeys: Bool = false,
        named name: String,
        limit: Int = YAMLDocument.sizeLimit,
        where isWanted: ((UnsafeBufferPointer<UInt8>) -> Bool)? = nil
    ) throws(Diagnostic) -> [YAMLScalar] {
        let piece = range.map { bytes[$0] } ?? bytes[...]
        guard piece.count <= limit else {
            throw Diagnostic(
                .yamlTooLarge,
                "`\(name)` is too large",
                at: .file(path: name),
                because: "it has more than \(limit) bytes"
            )
        }
        // libyaml counts a byte order mark as a column, by which the next line would stand further to the left.
        let start = piece.startIndex + (piece.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        let text = Array(piece[start...])
        let events = YAMLEvents(text, named: name, readingAll: true, from: firstLine)
        var walk = Walk()
        var places = ByteOffsets(text)
        while true {
            let isKey = walk.isAtKey
            let isOdd = isKey && walk.isInKey
            let event = try events.next { isKey || isWanted?($0) ?? true }
            switch event.kind {
            case .streamEnd: return walk.scalars
            case .documentStart: walk.begin()
            case .skipped: walk.pass(anchor: event.anchor)
            case .scalar(let text, _):
                let isInFlow = walk.isInFlow
                let place = walk.arrive(at: text)
                guard let path = place ?? (withKeys ? walk.path : nil) else { continue }
                if isKey, !isOdd, let isWanted {
                    var key = text
                    guard key.withUTF8(isWanted) else { continue }
                }
                let range = start + places[event.place.lowerBound]..<start + places[event.place.upperBound]
                walk.add(
                    YAMLScalar(
                        text: text,
                        path: path,
                        bytes: range,
                        mark: event.mark,
                        document: walk.documents - 1,
                        style: event.style,
                        isInFlow: isInFlow,
                        isKey: place == nil
                    ),
                    anchor: event.anchor
                )
            case .alias(let anchor):
                guard let path = walk.arrive(at: nil) else { continue }
                guard walk.alias(anchor, at: path) else {
                    throw events.unsupported("there are more than \(aliasLimit) aliases", at: event.mark)
                }
            case .sequenceStart, .mappingStart:
                guard walk.depth < depthLimit else {
                    throw events.unsupported("more than \(depthLimit) values are in each other", at: event.mark)
                }
                walk.open(isMapping: event.kind == .mappingStart, isFlow: event.isFlow)
            case .sequenceEnd, .mappingEnd: walk.close()
            }
        }
    }

    /// The way from the top to where the reader is.
    private struct Walk {
        private enum Place {
            case sequence(next: Int)
            /// A key, or the value of one: `nil` if that key is not text.
            case key
            case value(String?)
        }

        private(set) var scalars: [YAMLScalar] = []
        private(set) var documents = 0
        private var places: [Place] = []
        private(set) var path: [Step] = []
        private var flows: [Bool] = []
        /// The texts with an anchor, by its name: the last one counts.
        private var anchors: [String: Int] = [:]
        private var aliases = 0

        var depth: Int { places.count }
        var isInFlow: Bool { flows.last ?? false }

        mutating func begin() {
            documents += 1
            (places, path, flows, anchors) = ([], [], [], [:])
        }

        /// Whether the next value is a key.
        var isAtKey: Bool { if case .key? = places.last { true } else { false } }
        /// Whether this is in a collection that is a key.
        var isInKey: Bool { path.last == .other }

        /// Takes a value, or a key; returns the path of a value, and `nil` for a key.
        ///
        /// - Parameter text: the text, if it is one.
        mutating func arrive(at text: String?) -> [Step]? {
            guard !places.isEmpty else { return [] }
            return step(at: text).map { path + [$0] }
        }

        /// Takes a text that is a value, and is not listed.
        mutating func pass(anchor: String?) {
            _ = step(at: nil)
            // What had this name before is not meant any more.
            if let anchor { anchors[anchor] = nil }
        }

        /// Takes a value, or a key; returns the step to a value, and `nil` for a key, and at the top.
        private mutating func step(at text: String?) -> Step? {
            switch places.last {
            case nil: return nil
            case .sequence(let index)?:
                places[places.count - 1] = .sequence(next: index + 1)
                return .element(index)
            case .key?:
                places[places.count - 1] = .value(text)
                return nil
            case .value(let key)?:
                places[places.count - 1] = .key
                return key.map { .key($0) } ?? .other
            }
        }

        mutating func open(isMapping: Bool, isFlow: Bool) {
            // A collection that is a key has no name; the one at the top has no step.
            if !places.isEmpty { path.append(step(at: nil) ?? .other) }
            places.append(isMapping ? .key : .sequence(next: 0))
            flows.append(isFlow)
        }

        mutating func close() {
            _ = places.popLast()
            _ = path.popLast()
            _ = flows.popLast()
        }

        mutating func add(_ scalar: YAMLScalar, anchor: String?) {
            if let anchor { anchors[anchor] = scalars.count }
            scalars.append(scalar)
        }

        /// False if there are too many.
        mutating func alias(_ anchor: String, at path: [Step]) -> Bool {
            guard let index = anchors[anchor] else { return true }
            aliases += 1
            scalars[index].aliases.append(path)
            return aliases <= YAMLScalar.aliasLimit
        }
    }
}

/// Where characters begin in UTF-8, for numbers that mostly grow.
private struct ByteOffsets {
    private let bytes: [UInt8]
    private var characters = 0
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The number of bytes before character `index`.
    subscript(index: Int) -> Int {
        mutating get {
            if index < characters { (characters, offset) = (0, 0) }
            while characters < index, offset < bytes.count {
                offset += 1
                // Bytes 10xxxxxx go on with a character.
                while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
                characters += 1
            }
            return offset
        }
    }
}
