import Findings

/// The last day on which a system got security updates from those who make it, as they announced it.
struct EndOfLife: Hashable {
    let system: String
    /// `YYYY-MM-DD`, which sorts as it is.
    let date: String

    /// By `ID` of os-release, then by the start of `VERSION_ID`. For Debian with the long-term support, as in the catalogue.
    private static let dates: [String: [String: String]] = [
        "debian": [
            "8": "2020-06-30", "9": "2022-06-30", "10": "2024-06-30", "11": "2026-08-31", "12": "2028-06-30",
            "13": "2030-06-30",
        ],
        "ubuntu": [
            "16.04": "2021-04-30", "18.04": "2023-05-31", "20.04": "2025-05-31", "22.04": "2027-05-31",
            "23.04": "2024-01-25", "23.10": "2024-07-11", "24.04": "2029-05-31", "24.10": "2025-07-10",
            "25.04": "2026-01-15", "25.10": "2026-07-15",
        ],
        "alpine": [
            "3.15": "2023-11-01", "3.16": "2024-05-23", "3.17": "2024-11-22", "3.18": "2025-05-09",
            "3.19": "2025-11-01", "3.20": "2026-04-01", "3.21": "2026-11-01", "3.22": "2027-05-01",
            "3.23": "2027-11-01",
        ],
        "centos": ["7": "2024-06-30", "8": "2021-12-31"],
        "rhel": redHat, "almalinux": redHat, "rocky": redHat, "ol": redHat,
        "fedora": [
            "39": "2024-11-26", "40": "2025-05-13", "41": "2025-12-15", "42": "2026-05-13",
        ],
        "amzn": ["2": "2026-06-30", "2023": "2029-06-30"],
    ]
    private static let redHat = ["7": "2024-06-30", "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"]

    /// The result is `nil` if the system is not known here.
    init?(_ release: OSRelease) {
        guard let id = release.id, let version = release.version, let known = Self.dates[id] else { return nil }
        let numbers = version.split(separator: ".")
        for length in (1...2).reversed() where numbers.count >= length {
            guard let date = known[numbers.prefix(length).joined(separator: ".")] else { continue }
            system = release.name ?? "\(id) \(version)"
            self.date = date
            return
        }
        return nil
    }
}
