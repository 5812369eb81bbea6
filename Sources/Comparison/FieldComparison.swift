import Diagnostics
import OCI

/// Compares two JSON documents member by member.
struct FieldComparison {
    private(set) var fields: [FieldDifference] = []
    private let document: FieldDifference.Document
    /// What a member's difference means, by the members on the way to it; `nil` if it is not looked at.
    private let kind: ([String]) -> DifferenceKind?

    /// As many fields are listed: a document may have a million.
    static let most = 1000

    init(
        _ document: FieldDifference.Document,
        _ left: JSON,
        _ right: JSON,
        meaning kind: @escaping ([String]) -> DifferenceKind?
    ) {
        self.document = document
        self.kind = kind
        compare(left, right, at: [])
    }

    private mutating func compare(_ left: JSON?, _ right: JSON?, at path: [String]) {
        let (left, right) = (left?.withoutEmptiness, right?.withoutEmptiness)
        guard left != right, fields.count < Self.most else { return }
        let (old, new) = (left?.objectValue, right?.objectValue)
        if (old != nil || left == nil) && (new != nil || right == nil) {
            var keys = old?.keys ?? []
            let known = Set(keys)
            keys += new?.keys.filter { !known.contains($0) } ?? []
            // A port or a volume is a member without anything in it.
            if keys.isEmpty, left == nil || right == nil, ["ExposedPorts", "Volumes"].contains(path.dropLast().last) {
                add(left, right, at: path)
            }
            for key in keys { compare(old?[key], new?[key], at: path + [key]) }
            return
        }
        if path.last == "Env", let old = Self.variables(left), let new = Self.variables(right) {
            let oldValues = Dictionary(old.map { ($0.name, $0.value) }) { $1 }
            let newValues = Dictionary(new.map { ($0.name, $0.value) }) { $1 }
            for name in old.map(\.name) + new.map(\.name).filter({ oldValues[$0] == nil })
            where oldValues[name] != newValues[name] {
                add(oldValues[name].map { .string($0) }, newValues[name].map { .string($0) }, at: path + [name])
            }
            // The same variables in another order.
            if oldValues == newValues, old.map(\.name) != new.map(\.name) {
                add(left, right, at: path)
            }
            return
        }
        if let old = left?.arrayValue ?? (left == nil ? [] : nil),
            let new = right?.arrayValue ?? (right == nil ? [] : nil),
            (old + new).allSatisfy({ $0.objectValue != nil })
        {
            for (one, other) in Self.pairs(old, new) {
                let (before, after) = (one.map { old[$0] }, other.map { new[$0] })
                let place = Array(path.dropLast()) + ["\(path.last ?? "")[\(one ?? other ?? 0)]"]
                if path == ["history"], before == nil || after == nil, (before ?? after)?.isLayerStep == true {
                    // The step of a layer that only one has.
                    add(before?["created_by"] ?? before, after?["created_by"] ?? after, at: place)
                } else {
                    compare(before, after, at: place)
                }
            }
            return
        }
        add(left, right, at: path)
    }

    private mutating func add(_ left: JSON?, _ right: JSON?, at path: [String]) {
        guard fields.count < Self.most, let kind = kind(path) else { return }
        let name = path.joined(separator: ".")
        fields.append(FieldDifference(document, name, left: left?.shown, right: right?.shown, kind))
    }

    /// Which elements of two lists belong together: of a history the steps that begin with the same word, such as the name of
    /// a package; of everything else those at the same place.
    private static func pairs(_ old: [JSON], _ new: [JSON]) -> [(Int?, Int?)] {
        let (left, right) = (old.map { $0["created_by"]?.stringValue }, new.map { $0["created_by"]?.stringValue })
        return Alignment.pairs(steps: left, right)
    }

    /// The variables of an environment, each once; `nil` if it is not a list of them.
    private static func variables(_ json: JSON?) -> [(name: String, value: String)]? {
        guard let json else { return [] }
        guard let elements = json.arrayValue, elements.count <= 10_000 else { return nil }
        var variables = [(name: String, value: String)]()
        var known = Set<String>()
        for element in elements {
            guard let text = element.stringValue, let equals = text.firstIndex(of: "="),
                known.insert(String(text[..<equals])).inserted
            else { return nil }
            variables.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
        }
        return variables
    }
}

extension JSON {
    /// `nil` for what means the same as nothing: `null`, and what is empty.
    fileprivate var withoutEmptiness: JSON? {
        switch self {
        case .null: nil
        case .string(let text): text.isEmpty ? nil : self
        case .array(let elements): elements.isEmpty ? nil : self
        case .bool, .number, .object: self
        }
    }

    /// Whether a step of a history made a layer.
    fileprivate var isLayerStep: Bool { self["empty_layer"]?.boolValue != true }

    fileprivate var shown: String { stringValue ?? String(decoding: encoded(), as: UTF8.self) }
}
