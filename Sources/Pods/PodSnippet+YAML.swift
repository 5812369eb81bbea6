import Diagnostics
package import OCI

extension PodSnippet {
    /// The `spec` of a pod template, as far as it is about the image: for programs.
    package func json(_ image: PodImage) -> JSON {
        var container = JSONObject()
        container["name"] = .string(image.container)
        container["image"] = .string(image.reference)
        if !ports.isEmpty {
            container["ports"] = .array(
                ports.map {
                    ["name": .string($0.name), "containerPort": .int($0.number), "protocol": .string($0.protocol)]
                }
            )
        }
        container["livenessProbe"] = probe?.json
        container["securityContext"] = [
            "runAsNonRoot": .bool(user.uid != 0),
            "runAsUser": .int(Int64(user.uid)),
            "runAsGroup": .int(Int64(user.gid)),
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": ["drop": ["ALL"]],
            "seccompProfile": ["type": "RuntimeDefault"],
        ]
        if !mounts.isEmpty {
            container["volumeMounts"] = .array(
                mounts.map { ["name": .string($0.name), "mountPath": .string($0.path)] }
            )
        }
        var pod = JSONObject()
        pod["securityContext"] = podSecurity
        pod["containers"] = .array([.object(container)])
        if !mounts.isEmpty {
            pod["volumes"] = .array(mounts.map { ["name": .string($0.name), "emptyDir": .object(JSONObject())] })
        }
        return .object(pod)
    }

    /// What only a pod can say: who owns the files of its volumes, and which ports every user may listen on.
    private var podSecurity: JSON? {
        var security = JSONObject()
        if !mounts.isEmpty { security["fsGroup"] = .int(Int64(user.gid)) }
        if let lowestPort {
            security["sysctls"] = [
                ["name": "net.ipv4.ip_unprivileged_port_start", "value": .string(String(lowestPort))]
            ]
        }
        return security.isEmpty ? nil : .object(security)
    }

    /// The same as YAML in lines, with comments: for the `spec` of a pod template.
    package func lines(_ image: PodImage) -> [String] {
        var lines = [String]()
        for line in Self.block(json(image), indent: 0) {
            if line.hasPrefix("  sysctls:") {
                lines += [
                    "  # Lets every user listen from this port on. Where a cluster refuses it, and with `hostNetwork`, add",
                    "  # NET_BIND_SERVICE to the capabilities; a user other than root needs it on the program's file, too, and",
                    "  # `allowPrivilegeEscalation: true`.",
                ]
            }
            if line.hasPrefix("    image:"), let remark = image.remark { lines.append("    # \(remark)") }
            if line == "    securityContext:" {
                lines += remarks.map { "    # \($0)" } + ["    # resources: requests and limits are yours to choose."]
            }
            lines.append(line)
        }
        return lines
    }

    // MARK: YAML

    /// A value in block style.
    private static func block(_ json: JSON, indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        switch json {
        case .object(let object):
            return object.members.flatMap { key, value -> [String] in
                guard isBlock(value) else { return ["\(space)\(key): \(scalar(value))"] }
                return ["\(space)\(key):"] + block(value, indent: indent + 2)
            }
        case .array(let elements):
            return elements.flatMap { element -> [String] in
                guard isBlock(element) else { return ["\(space)- \(scalar(element))"] }
                let lines = block(element, indent: indent + 2)
                return ["\(space)- \(lines[0].dropFirst(indent + 2))"] + lines.dropFirst()
            }
        default: return [space + scalar(json)]
        }
    }

    private static func isBlock(_ json: JSON) -> Bool {
        switch json {
        case .object(let object): !object.isEmpty
        case .array(let elements): !elements.isEmpty
        default: false
        }
    }

    private static func scalar(_ json: JSON) -> String {
        guard case .string(let text) = json else { return String(decoding: json.encoded(), as: UTF8.self) }
        return isPlain(text) ? text : quoted(text)
    }

    /// Whether every reader of YAML takes `text` for itself, without quotes.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
        let others = Array("0123456789_./:@-".utf8)
        guard isLetter(first) || first == UInt8(ascii: "/"), last != UInt8(ascii: ":") else { return false }
        guard text.utf8.allSatisfy({ isLetter($0) || others.contains($0) }) else { return false }
        return !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text.lowercased())
    }

    /// A JSON string is a YAML string, too, if what YAML takes for the end of a line is escaped.
    static func quoted(_ text: String) -> String {
        String(decoding: JSON.string(text).encoded(), as: UTF8.self).unicodeScalars.reduce(into: "") { quoted, scalar in
            switch scalar.value {
            case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
    }
}

extension PodSnippet.Probe {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["exec"] = ["command": .strings(words)]
        json["initialDelaySeconds"] = startPeriod.map { .int($0) }
        json["periodSeconds"] = .int(interval)
        json["timeoutSeconds"] = .int(timeout)
        json["failureThreshold"] = .int(retries)
        return .object(json)
    }
}
