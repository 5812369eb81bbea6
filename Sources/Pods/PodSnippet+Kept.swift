package import Diagnostics
package import OCI

// A snippet as it is kept with a build, and read again.
extension PodSnippet {
    package var kept: JSON {
        var json = JSONObject()
        json["user"] = .array([.int(Int64(user.uid)), .int(Int64(user.gid))])
        json["mounts"] = .array(mounts.map { ["name": .string($0.name), "path": .string($0.path)] })
        json["ports"] = .array(ports.map { ["number": .int($0.number), "protocol": .string($0.protocol)] })
        json["probe"] = probe?.kept
        json["remarks"] = .strings(remarks)
        return .object(json)
    }

    /// - Throws: `json.…` if it is not what `kept` gave.
    package init(kept json: JSONReader) throws(Diagnostic) {
        let user = try json.member("user")
        let numbers = try user.array().map { number throws(Diagnostic) in UInt32(exactly: try number.int()) }
        guard numbers.count == 2, let uid = numbers[0], let gid = numbers[1] else {
            throw user.unexpected("two numbers of a user")
        }
        self.init(
            user: UserID(uid: uid, gid: gid),
            mounts: try json.member("mounts").array().map { mount throws(Diagnostic) in
                Mount(name: try mount.member("name").string(), path: try mount.member("path").string())
            },
            ports: try json.member("ports").array().map { port throws(Diagnostic) in
                Port(number: try port.member("number").int(), protocol: try port.member("protocol").string())
            },
            probe: try json.optional("probe").map { probe throws(Diagnostic) in try Probe(kept: probe) },
            remarks: try json.member("remarks").strings()
        )
    }
}

extension PodSnippet.Probe {
    fileprivate var kept: JSON {
        var json = JSONObject()
        json["words"] = .strings(words)
        json["interval"] = .int(interval)
        json["timeout"] = .int(timeout)
        json["startPeriod"] = startPeriod.map { .int($0) }
        json["retries"] = .int(retries)
        return .object(json)
    }

    fileprivate init(kept json: JSONReader) throws(Diagnostic) {
        self.init(
            words: try json.member("words").strings(),
            interval: try json.member("interval").int(),
            timeout: try json.member("timeout").int(),
            startPeriod: try json.optional("startPeriod")?.int(),
            retries: try json.member("retries").int()
        )
    }
}
