/// How a server proves who it is, and how we do.
package struct TLSSettings: Hashable, Sendable {
    /// PEM: authorities that are trusted besides the machine's.
    package var authorities: [[UInt8]] = []
    /// PEM, for servers that want to know who asks: the certificate with its chain, and its key.
    package var clientCertificate: [UInt8]?
    package var clientKey: [UInt8]?
    /// False only for a host that the user named as insecure.
    package var verifies = true

    package init() {}
}
