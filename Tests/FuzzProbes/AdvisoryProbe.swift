import Diagnostics
import Findings
import OCI

@testable import Advisories

/// A user's copy of Debian's advisories: the tracker's JSON, and debsecan's list with or without its compression.
enum AdvisoryProbe {
    private static let root = ProbeRoot([
        ("/etc/os-release", Array("ID=debian\nVERSION_ID=13\nVERSION_CODENAME=trixie\n".utf8)),
        (
            "/var/lib/dpkg/status.d/libc6",
            Array("Package: libc6\nArchitecture: amd64\nSource: glibc\nVersion: 2.41-12\n".utf8)
        ),
        (
            "/var/lib/dpkg/status.d/zlib1g",
            Array("Package: zlib1g\nArchitecture: amd64\nSource: zlib\nVersion: 1:1.3.dfsg-1+b1\n".utf8)
        ),
    ])

    static func read(_ bytes: [UInt8]) {
        let date = Timestamp(secondsSince1970: 0)
        guard let file = try? AdvisoryFile(bytes, named: "probe", date: date) else { return }
        for finding in (try? AdvisoryCheck(root, file).findings()) ?? [] { _ = finding.diagnostic }
    }
}
