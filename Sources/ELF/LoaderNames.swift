/// What glibc, musl and Debian call one architecture in the paths of their loaders and libraries.
package struct LoaderNames: Hashable, Sendable {
    /// Debian's directory name for libraries, such as `x86_64-linux-gnu`.
    package let triplet: String
    /// The absolute path of glibc's loader; `nil` if it is not known.
    package let glibcLoader: String?
    /// The name in musl's files, such as `x86_64` in `/lib/ld-musl-x86_64.so.1`.
    package let musl: String

    private init(_ triplet: String, glibc: String?, musl: String) {
        self.triplet = triplet
        glibcLoader = glibc
        self.musl = musl
    }

    /// The absolute path of musl's loader.
    package var muslLoader: String { "/lib/ld-musl-\(musl).so.1" }

    private static let known = [
        "386": LoaderNames("i386-linux-gnu", glibc: "/lib/ld-linux.so.2", musl: "i386"),
        "amd64": LoaderNames("x86_64-linux-gnu", glibc: "/lib64/ld-linux-x86-64.so.2", musl: "x86_64"),
        "arm": LoaderNames("arm-linux-gnueabihf", glibc: "/lib/ld-linux-armhf.so.3", musl: "armhf"),
        "arm64": LoaderNames("aarch64-linux-gnu", glibc: "/lib/ld-linux-aarch64.so.1", musl: "aarch64"),
        "loong64": LoaderNames("loong64-linux-gnu", glibc: nil, musl: "loongarch64"),
        "ppc64le": LoaderNames("powerpc64le-linux-gnu", glibc: "/lib64/ld64.so.2", musl: "powerpc64le"),
        "riscv64": LoaderNames("riscv64-linux-gnu", glibc: "/lib/ld-linux-riscv64-lp64d.so.1", musl: "riscv64"),
        "s390x": LoaderNames("s390x-linux-gnu", glibc: "/lib/ld64.so.1", musl: "s390x"),
    ]

    /// The names for `architecture`, which is such as `amd64`; for one that is not known, what they most likely are.
    package init(architecture: String?) {
        let name = architecture ?? "unknown"
        self = Self.known[name] ?? LoaderNames("\(name)-linux-gnu", glibc: nil, musl: name)
    }

    /// The paths of all loaders of musl that are known, sorted; programs for ARM without hardware for floating point have
    /// one of their own.
    package static let muslLoaders = (known.values.map(\.muslLoader) + ["/lib/ld-musl-arm.so.1"]).sorted()
}
