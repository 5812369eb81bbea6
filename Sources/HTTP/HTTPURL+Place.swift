extension HTTPURL {
    /// Whether the host is this machine by its name: `localhost`, a name under it, 127.0.0.0/8 or `[::1]`.
    package var isLoopback: Bool {
        if let address { return address.isLoopback }
        let name = origin.host.hasSuffix(".") ? String(origin.host.dropLast()) : origin.host
        return name == "localhost" || name.hasSuffix(".localhost")
    }

    /// Whether the host is written as a number that means another machine to everybody who uses it: loopback, private,
    /// link-local, unspecified, shared, unique-local or multicast, or an IPv6 form of such an IPv4 address.
    package var isPrivateAddressLiteral: Bool { address?.isPrivate ?? false }

    /// Nil if the host is a name.
    var address: IPAddress? {
        IPAddress(origin.host.hasPrefix("[") ? origin.host.dropFirst().dropLast() : origin.host[...])
    }
}
