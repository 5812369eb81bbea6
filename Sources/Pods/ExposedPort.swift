import OCI

/// A port of an image's configuration: `8080`, `8080/tcp`, `53/udp`.
///
/// image-spec, config.md § Properties, `ExposedPorts`: TCP where no protocol stands.
struct ExposedPort: Hashable, Sendable {
    let number: UInt16
    /// As Kubernetes writes it: `TCP`, `UDP` or `SCTP`.
    let `protocol`: String

    /// `nil` for what Kubernetes does not take.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let number = UInt32(digits: parts[0].utf8), (1...65535).contains(number)
        else { return nil }
        let name = parts.count == 2 ? parts[1].uppercased() : "TCP"
        guard ["TCP", "UDP", "SCTP"].contains(name) else { return nil }
        (self.number, self.protocol) = (UInt16(number), name)
    }
}
