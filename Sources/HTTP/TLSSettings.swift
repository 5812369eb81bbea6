/// How a server's certificate is verified, and which certificate we present.
package struct TLSSettings: Hashable, Sendable {
    /// Authorities that are trusted besides the machine's, as PEM.
    package var authorities: [[UInt8]] = []
    /// The client certificate with its chain, as PEM, for servers that require one.
    package var clientCertificate: [UInt8]?
    /// The key of the client certificate, as PEM.
    package var clientKey: [UInt8]?
    /// False only for a host that the user named as insecure.
    package var verifies = true

    package init() {}
}
