/// Who a process is, in numbers: what an image's user means to the kernel.
package struct UserID: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32

    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }

    package static let root = UserID(uid: 0, gid: 0)
    /// The user of images whose builder asks for none: an account without rights, as in distroless bases.
    package static let nonroot = UserID(uid: 65532, gid: 65532)

    /// The largest number that container engines start a process with. Linux takes all but 2³²−1, which means "no user"
    /// in system calls; runc, Docker and containerd refuse numbers from 2³¹ on, and so does Kubernetes' `runAsUser`.
    package static let largest = UInt32(Int32.max)

    /// The number that `text` is, as a user or a group of a process; `nil` if it is not one from 0 to `largest`.
    package static func number(_ text: some StringProtocol) -> UInt32? {
        guard let number = UInt32(digits: text.utf8), number <= largest else { return nil }
        return number
    }
}

extension UserID: CustomStringConvertible {
    /// `UID:GID`, such as `65532:65532`.
    package var description: String { "\(uid):\(gid)" }
}

extension UInt32 {
    /// Reads decimal digits and nothing else: `UInt32(_:)` would also take a sign.
    package init?(digits: some Collection<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = product.addingReportingOverflow(UInt32(digit - UInt8(ascii: "0")))
            guard !isTooLarge, !isOver else { return nil }
            value = sum
        }
        self = value
    }
}
