import CBases
package import OCI

/// Until when a system gets security updates, as those who make it announced it.
///
/// Debian's and Ubuntu's dates are those of Debian's package `distro-info-data`, the others are kept by hand:
/// `Bases/end-of-life.csv`, which `make bases` renews.
package struct EndOfLife: Hashable, Sendable {
    /// Who makes the security updates of a system, if anyone does.
    package enum Phase: Hashable, Sendable {
        /// Those who make the system.
        case regular
        /// A team for long-term support.
        case longTerm
        case ended
    }

    /// The release for people, such as `Debian 12 (bookworm)`.
    package let name: String
    /// The last day of regular support, `YYYY-MM-DD`, which sorts as it is.
    package let date: String
    /// The last day of long-term support, in the same form; `nil` if there is none.
    package let longTermDate: String?

    package init(name: String, date: String, longTermDate: String? = nil) {
        self.name = name
        self.date = date
        self.longTermDate = longTermDate
    }

    /// The last day with any support.
    package var lastDate: String { longTermDate ?? date }

    /// What long-term support is, for people, as the end of a sentence.
    package static let longTermMeaning =
        "long-term support (LTS) means that a separate team makes the security updates, for the most used packages and architectures"

    /// The release that a system's `os-release` names; `nil` if it is not known.
    ///
    /// - Parameters:
    ///   - id: `ID`, such as `debian`.
    ///   - version: `VERSION_ID`, whose first two numbers decide, else its first: `3.22.1` is Alpine's 3.22.
    package static func of(id: String, version: String) -> EndOfLife? {
        let numbers = version.split(separator: ".")
        for length in (1...2).reversed() where numbers.count >= length {
            if let known = table[[id, numbers.prefix(length).joined(separator: ".")]] { return known }
        }
        return nil
    }

    package func phase(at now: Timestamp) -> Phase {
        let day = String(now.description.prefix(10))
        if day <= date { return .regular }
        return day <= lastDate ? .longTerm : .ended
    }

    /// Whole days from `now` to the end of `date`; negative behind it.
    package static func days(from now: Timestamp, to date: String) -> Int64? {
        guard let end = try? Timestamp(parsing: "\(date)T00:00:00Z") else { return nil }
        let today = now.secondsSince1970 - (now.secondsSince1970 % 86400 + 86400) % 86400
        return (end.secondsSince1970 - today) / 86400
    }

    /// The file in coracle itself.
    package static var embedded: [UInt8] {
        var size = 0
        let start = coracle_end_of_life(&size)
        return Array(UnsafeBufferPointer(start: start, count: size))
    }

    /// By `ID` and `VERSION_ID`.
    private static let table: [[String]: EndOfLife] = {
        var table: [[String]: EndOfLife] = [:]
        for line in String(decoding: embedded, as: UTF8.self).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            // `Bases/renew` wrote the file and checked it.
            guard fields.count == 5 else { continue }
            table[[fields[0], fields[1]]] = EndOfLife(
                name: fields[2],
                date: fields[3],
                longTermDate: fields[4].isEmpty ? nil : fields[4]
            )
        }
        return table
    }()
}
