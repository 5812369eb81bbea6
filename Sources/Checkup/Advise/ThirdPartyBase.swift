import ELF
import Lifetimes
import OCI

/// A base that others make, from a table: nothing of it is looked at.
struct ThirdPartyBase: Sendable {
    let reference: String
    /// Compressed, in MB, about.
    let megabytes: Double
    /// In words, with its version.
    let libc: String
    let provision: BaseProvision
    let shell: String?
    let packageManager: String?
    let user: String
    /// `ID` and `VERSION_ID` of its system; `nil` if it has no releases.
    let system: (id: String, version: String)?

    /// The last day with security updates, or `rolling`.
    var endOfLife: String {
        guard let system else { return "rolling" }
        return EndOfLife.of(id: system.id, version: system.version)?.lastDate ?? "-"
    }

    private static let common: Set<String> = BaseProvision.glibcLibraries.union(["libgcc_s.so.1", "libz.so.1"])
    private static let openSSL: Set<String> = ["libssl.so.3", "libcrypto.so.3"]

    /// As of November 2026.
    static let all: [ThirdPartyBase] = [
        ThirdPartyBase(
            reference: "docker.io/library/alpine:3.24",
            megabytes: 3.8,
            libc: "musl 1.2",
            provision: BaseProvision(libc: .musl, libraries: openSSL.union(["libz.so.1"]), newest: [:]),
            shell: "busybox",
            packageManager: "apk",
            user: "root",
            system: ("alpine", "3.24")
        ),
        ThirdPartyBase(
            reference: "docker.io/library/debian:13-slim",
            megabytes: 30,
            libc: "glibc 2.41",
            provision: BaseProvision(
                libc: .glibc,
                libraries: common.union(openSSL).union([
                    "libstdc++.so.6", "libzstd.so.1", "liblzma.so.5", "libbz2.so.1.0",
                ]),
                newest: [
                    "GLIBC": [2, 41], "GLIBCXX": [3, 4, 33], "CXXABI": [1, 3, 15], "GCC": [14, 0, 0],
                    "OPENSSL": [3, 5, 0],
                ],
                others: ["GLIBC_ABI_DT_RELR", "GLIBC_ABI_DT_X86_64_PLT", "GLIBC_ABI_GNU2_TLS"]
            ),
            shell: "dash, bash",
            packageManager: "apt",
            user: "root",
            system: ("debian", "13")
        ),
        ThirdPartyBase(
            reference: "registry.access.redhat.com/ubi9/ubi-minimal",
            megabytes: 38,
            libc: "glibc 2.34",
            provision: BaseProvision(
                libc: .glibc,
                libraries: common.union(openSSL).union(["libstdc++.so.6"]),
                newest: ["GLIBC": [2, 34], "GLIBCXX": [3, 4, 29], "CXXABI": [1, 3, 13], "GCC": [11, 0, 0]]
            ),
            shell: "bash",
            packageManager: "microdnf",
            user: "root",
            system: ("rhel", "9")
        ),
        ThirdPartyBase(
            reference: "registry.access.redhat.com/ubi10/ubi-minimal",
            megabytes: 34,
            libc: "glibc 2.39",
            provision: BaseProvision(
                libc: .glibc,
                libraries: common.union(openSSL).union(["libstdc++.so.6"]),
                newest: ["GLIBC": [2, 39], "GLIBCXX": [3, 4, 33], "CXXABI": [1, 3, 15], "GCC": [14, 0, 0]],
                others: ["GLIBC_ABI_DT_RELR"]
            ),
            shell: "bash",
            packageManager: "microdnf",
            user: "root",
            system: ("rhel", "10")
        ),
        ThirdPartyBase(
            reference: "cgr.dev/chainguard/wolfi-base",
            megabytes: 6,
            libc: "glibc, the newest",
            provision: BaseProvision(
                libc: .glibc,
                libraries: BaseProvision.glibcLibraries.union(openSSL).union(["libz.so.1"]),
                newest: [:],
                others: ["GLIBC_ABI_DT_RELR", "GLIBC_ABI_DT_X86_64_PLT", "GLIBC_ABI_GNU2_TLS"]
            ),
            shell: "busybox",
            packageManager: "apk",
            user: "root",
            system: nil
        ),
        ThirdPartyBase(
            reference: "cgr.dev/chainguard/static",
            megabytes: 0.6,
            libc: "-",
            provision: .nothing,
            shell: nil,
            packageManager: nil,
            user: "\(UserID.nonroot.uid)",
            system: nil
        ),
    ]
}
