package import Diagnostics
import Findings
import Gate
import Layers
package import OCI

// Problems and findings as they are kept with a build.

extension Diagnostic {
    package var kept: JSON {
        var json = JSONObject()
        json["code"] = .string(code.rawValue)
        json["category"] = .int(code.category.rawValue)
        json["summary"] = .string(summary)
        switch subject {
        case .file(let path, let line)?:
            json["file"] = .string(path)
            json["line"] = line.map { .int($0) }
        case .image(let name)?: json["image"] = .string(name)
        case .blob(let name)?: json["blob"] = .string(name)
        case .option(let name)?: json["option"] = .string(name)
        case nil: break
        }
        json["reason"] = reason.map { .string($0) }
        json["hint"] = hint.map { .string($0) }
        return .object(json)
    }

    package init(kept json: JSONReader) throws(Diagnostic) {
        let number = try json.member("category").int()
        guard let category = Int32(exactly: number).flatMap({ Category(rawValue: $0) }) else {
            throw json.malformed("\(number) is not a category")
        }
        var subject: Subject?
        if let path = try json.optional("file")?.string() {
            subject = .file(
                path: path,
                line: try json.optional("line").map { line throws(Diagnostic) in Int(clamping: try line.int()) }
            )
        } else if let name = try json.optional("image")?.string() {
            subject = .image(name)
        } else if let name = try json.optional("blob")?.string() {
            subject = .blob(name)
        } else if let name = try json.optional("option")?.string() {
            subject = .option(name)
        }
        self.init(
            Code(try json.member("code").string(), category),
            try json.member("summary").string(),
            at: subject,
            because: try json.optional("reason")?.string(),
            hint: try json.optional("hint")?.string()
        )
    }
}

extension Finding {
    package var kept: JSON {
        var json = JSONObject()
        json["code"] = .string(rule.code)
        if severity != rule.severity { json["severity"] = .int(severity.rawValue) }
        json["summary"] = .string(summary)
        json["path"] = path.map { .array($0.bytes.map { .int($0) }) }
        json["evidence"] = reason.map { .string($0) }
        json["hint"] = hint.map { .string($0) }
        return .object(json)
    }

    package init(kept json: JSONReader) throws(Diagnostic) {
        let code = try json.member("code").string()
        guard let rule = Rule.named(code) else { throw json.malformed("`\(code)` is not a rule") }
        var path: EntryPath?
        if let bytes = try json.optional("path")?.array() {
            // A path is bytes, and JSON has none.
            path = EntryPath(
                unchecked: try bytes.map { byte throws(Diagnostic) in UInt8(truncatingIfNeeded: try byte.int()) }
            )
        }
        self.init(
            rule,
            try json.member("summary").string(),
            in: path,
            as: try json.optional("severity").flatMap { value throws(Diagnostic) in
                Rule.Severity(rawValue: Int(clamping: try value.int()))
            },
            because: try json.optional("evidence")?.string(),
            hint: try json.optional("hint")?.string()
        )
    }
}
