import CYAML
package import Diagnostics
import Glibc

/// A step through a document.
struct YAMLEvent {
    enum Kind: Hashable {
        case scalar(String, isPlain: Bool)
        /// A text that was not wanted.
        case skipped
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd, streamEnd
        /// Only where all of YAML is read.
        case documentStart
        /// The name of an anchor that stood before; only where all of YAML is read.
        case alias(String)
    }

    let kind: Kind
    let mark: YAMLValue.Mark
    /// Where it stands, as numbers of characters before it and before its end.
    var place: Range<Int> = 0..<0
    /// The name that the value gets; `nil` if absent.
    var anchor: String?
    /// How a text is written.
    var style = YAMLScalar.Style.plain
    /// Whether a collection is written with brackets.
    var isFlow = false

    init(_ kind: Kind, at mark: YAMLValue.Mark) {
        self.kind = kind
        self.mark = mark
    }
}

/// libyaml's parser at work on a file.
final class YAMLEvents {
    private let name: String
    // On the heap: the parser points into itself, and into the file's bytes.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let isReady: Bool
    private let readsAll: Bool
    private let firstLine: Int
    private var documents = 0

    /// - Parameters:
    ///   - readsAll: whether anchors, aliases, tags, directives and further documents are events, and not errors.
    ///   - firstLine: the number of the first line, for a piece of a file.
    init(_ bytes: [UInt8], named name: String, readingAll readsAll: Bool = false, from firstLine: Int = 1) {
        self.name = name
        self.readsAll = readsAll
        self.firstLine = firstLine
        self.bytes = .allocate(capacity: max(1, bytes.count))
        _ = self.bytes.update(fromContentsOf: bytes)
        isReady = yaml_parser_initialize(parser) == 1
        if isReady {
            // UTF-16 would be guessed from a byte order mark.
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, self.bytes.baseAddress, bytes.count)
        }
    }

    deinit {
        if isReady { yaml_parser_delete(parser) }
        parser.deallocate()
        bytes.deallocate()
    }

    /// The next event that stands for a value or a part of one.
    ///
    /// - Parameter isWanted: whether a text is needed, by its bytes.
    func next(
        _ isWanted: (UnsafeBufferPointer<UInt8>) -> Bool = { _ in true }
    ) throws(Diagnostic) -> YAMLEvent {
        guard isReady else {
            throw malformed("there is not enough memory to read it", at: YAMLValue.Mark(line: 1, column: 1))
        }
        while true {
            var raw = yaml_event_t()
            guard yaml_parser_parse(parser, &raw) == 1 else { throw problem() }
            defer { yaml_event_delete(&raw) }
            guard var event = try event(raw, isWanted) else { continue }
            let start = Int(raw.start_mark.index)
            event.place = start..<max(start, Int(raw.end_mark.index))
            event.anchor = Self.anchor(of: raw)
            event.style = Self.style(of: raw)
            event.isFlow = Self.isFlow(raw)
            return event
        }
    }

    /// `nil` for events that only frame the document.
    private func event(
        _ raw: yaml_event_t,
        _ isWanted: (UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(Diagnostic) -> YAMLEvent? {
        let mark = mark(raw.start_mark)
        switch raw.type {
        case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: return nil
        case YAML_DOCUMENT_START_EVENT where readsAll: return YAMLEvent(.documentStart, at: mark)
        case YAML_DOCUMENT_START_EVENT:
            documents += 1
            guard documents == 1 else { throw unsupported("a second document begins here", at: mark) }
            let start = raw.data.document_start
            guard start.version_directive == nil, start.tag_directives.start == start.tag_directives.end else {
                throw unsupported("directives are not read", at: mark)
            }
            return nil
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag, at: mark)
            let text = UnsafeBufferPointer(start: UnsafePointer(scalar.value), count: scalar.length)
            guard isWanted(text) else { return YAMLEvent(.skipped, at: mark) }
            return YAMLEvent(
                .scalar(String(decoding: text, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
                at: mark
            )
        case YAML_SEQUENCE_START_EVENT:
            try refuse(anchor: raw.data.sequence_start.anchor, tag: raw.data.sequence_start.tag, at: mark)
            return YAMLEvent(.sequenceStart, at: mark)
        case YAML_MAPPING_START_EVENT:
            try refuse(anchor: raw.data.mapping_start.anchor, tag: raw.data.mapping_start.tag, at: mark)
            return YAMLEvent(.mappingStart, at: mark)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(.sequenceEnd, at: mark)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(.mappingEnd, at: mark)
        case YAML_STREAM_END_EVENT: return YAMLEvent(.streamEnd, at: mark)
        case YAML_ALIAS_EVENT where readsAll:
            return YAMLEvent(.alias(Self.text(raw.data.alias.anchor) ?? ""), at: mark)
        case YAML_ALIAS_EVENT: throw unsupported("aliases are not read", at: mark)
        default: throw malformed("it cannot be read", at: mark)
        }
    }

    private static func text(_ bytes: UnsafePointer<yaml_char_t>?) -> String? {
        bytes.map { bytes in
            let count = bytes.withMemoryRebound(to: CChar.self, capacity: 1) { strlen($0) }
            return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
    }

    private static func style(of raw: yaml_event_t) -> YAMLScalar.Style {
        guard raw.type == YAML_SCALAR_EVENT else { return .plain }
        return switch raw.data.scalar.style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .plain
        }
    }

    private static func isFlow(_ raw: yaml_event_t) -> Bool {
        switch raw.type {
        case YAML_SEQUENCE_START_EVENT: raw.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT: raw.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        default: false
        }
    }

    private static func anchor(of raw: yaml_event_t) -> String? {
        switch raw.type {
        case YAML_SCALAR_EVENT: text(raw.data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: text(raw.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: text(raw.data.mapping_start.anchor)
        default: nil
        }
    }

    private func refuse(
        anchor: UnsafePointer<yaml_char_t>?,
        tag: UnsafePointer<yaml_char_t>?,
        at mark: YAMLValue.Mark
    ) throws(Diagnostic) {
        if readsAll { return }
        if anchor != nil { throw unsupported("anchors are not read", at: mark) }
        if tag != nil { throw unsupported("tags are not read", at: mark) }
    }

    /// libyaml counts from 0.
    private func mark(_ mark: yaml_mark_t) -> YAMLValue.Mark {
        YAMLValue.Mark(line: Int(mark.line) + firstLine, column: Int(mark.column) + 1)
    }

    // MARK: Problems

    private func problem() -> Diagnostic {
        let text = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        let context = parser.pointee.context.map { " \(String(cString: $0))" } ?? ""
        // libyaml gives the place of bytes that are not UTF-8 as an offset only.
        let isReader = parser.pointee.error == YAML_READER_ERROR
        let mark = isReader ? parser.pointee.mark : parser.pointee.problem_mark
        return malformed(text + context, at: self.mark(mark))
    }

    func malformed(_ reason: String, at mark: YAMLValue.Mark) -> Diagnostic {
        Diagnostic(
            .yamlMalformed,
            "`\(name)` is not valid YAML",
            at: .file(path: name, line: mark.line),
            because: "column \(mark.column): \(reason)"
        )
    }

    func unsupported(_ reason: String, at mark: YAMLValue.Mark) -> Diagnostic {
        Diagnostic(
            .yamlUnsupported,
            "`\(name)` uses more of YAML than is read",
            at: .file(path: name, line: mark.line),
            because: "column \(mark.column): \(reason)",
            hint: "write it with mappings, lists and text alone"
        )
    }
}

extension Diagnostic.Code {
    package static let yamlMalformed = Self("yaml.malformed", .input)
    package static let yamlUnsupported = Self("yaml.unsupported", .input)
    package static let yamlTooLarge = Self("yaml.too-large", .input)
}
