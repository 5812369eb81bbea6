import BaseLocking
import Bases
import Diagnostics
import Lifetimes
package import OCI

extension UpkeepReport {
    /// For a program.
    package var json: JSON {
        ["upToDate": .bool(isUpToDate), "images": .array(rows.map { .object(json($0)) })]
    }

    private func json(_ row: UpkeepRow) -> JSONObject {
        var json = JSONObject()
        json["name"] = .string(row.subject)
        json["line"] = row.line.map { .int(Int64($0)) }
        json["place"] = row.place.map { .string($0) }
        json["platform"] = row.platform.map { .string($0.description) }
        json["state"] = .string(row.verdict(at: now).key)
        json["base"] = row.base.map { .string($0) }
        json["foundBy"] = row.evidence.map { .string($0) }
        json["moved"] = row.name?.isMoved.map { .bool($0) }
        if case .moved(let old?, _)? = row.name { json["oldDigest"] = .string(old.description) }
        json["digest"] = row.name?.new.map { .string($0.description) }
        json["change"] = row.change.map { .object($0.json) }
        json["created"] = row.age(at: now) == nil ? nil : row.created.map { .string($0.description) }
        json["ageDays"] = row.age(at: now).map { .int($0) }
        json["endOfLife"] = row.endOfLife.map { end in
            var json = JSONObject()
            json["system"] = .string(end.name)
            json["date"] = .string(end.date)
            json["longTermDate"] = end.longTermDate.map { .string($0) }
            json["hasEnded"] = .bool(end.phase(at: now) == .ended)
            return .object(json)
        }
        json["updates"] = row.updates.map { updates in
            .array(
                updates.map { update in
                    [
                        "package": .string(update.name), "old": .string(update.old), "new": .string(update.new),
                        "security": .bool(update.isSecurity),
                    ]
                }
            )
        }
        json["unknown"] = .array(row.unknowns.map { .string($0) })
        json["notes"] = .array(row.remarks.map { .string($0) })
        return json
    }
}

extension BaseChange {
    var json: JSONObject {
        var json = JSONObject()
        json["kind"] = .string(kind.rawValue)
        json["platform"] = .string(platform.description)
        json["files"] = .int(Int64(files))
        json["packages"] = .array(
            packages.map { package in
                var json = JSONObject()
                json["package"] = .string(package.name)
                json["old"] = package.old.map { .string($0) }
                json["new"] = package.new.map { .string($0) }
                return .object(json)
            }
        )
        json["oldSize"] = .int(oldSize)
        json["newSize"] = .int(newSize)
        return json
    }
}

extension UpkeepRow.Verdict {
    /// For a program.
    var key: String {
        switch self {
        case .upToDate: "upToDate"
        case .outdated: "outdated"
        case .unknown: "unknown"
        }
    }
}

extension NameState {
    /// Whether it moved; `nil` if that is not known.
    fileprivate var isMoved: Bool? {
        switch self {
        case .current: false
        case .moved: true
        case .unpinned, .fixed, .unknown: nil
        }
    }
}
