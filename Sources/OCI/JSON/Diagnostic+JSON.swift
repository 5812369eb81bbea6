package import Diagnostics

extension Diagnostic {
    package var json: JSON {
        var json = JSONObject()
        json["code"] = .string(code.rawValue)
        json["summary"] = .string(summary)
        json["at"] = subject.map { .string($0.description) }
        json["because"] = reason.map { .string($0) }
        json["hint"] = hint.map { .string($0) }
        return .object(json)
    }
}
