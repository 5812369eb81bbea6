import Diagnostics
import Layers
package import OCI

extension Finding {
    package var json: JSON {
        var json = JSONObject()
        json["code"] = .string(rule.code)
        json["severity"] = .string("\(severity)")
        json["path"] = path.map { .string($0.description) }
        json["summary"] = .string(summary)
        json["because"] = reason.map { .string($0) }
        json["hint"] = hint.map { .string($0) }
        return .object(json)
    }
}
