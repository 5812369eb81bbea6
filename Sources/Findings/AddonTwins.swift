package import Layers

/// Files that packages bring once for each platform, so that the one that fits is loaded: `prebuilds/linux-x64/node.napi.node` and
/// `prebuilds/linux-arm64/node.napi.armv8.node`, or packages of the same name but for `-gnu` and `-musl`.
package enum AddonTwins {
    /// Words for processors, systems and C libraries in names.
    private static let words: Set<String> = [
        "linux", "darwin", "win32", "win", "windows", "macos", "android", "freebsd", "openbsd", "netbsd", "sunos",
        "aix",
        "openharmony", "x64", "x86", "64", "amd64", "arm64", "aarch64", "arm", "armv6", "armv7", "armv7l", "armv8",
        "armhf",
        "ia32", "i386", "i686", "386", "ppc64", "ppc64le", "powerpc64le", "s390x", "riscv64", "riscv64gc", "loong64",
        "loongarch64", "mips64el", "mipsel", "gnu", "glibc", "musl", "gnueabihf", "musleabihf", "linuxmusl",
        "linuxglibc",
        "msvc", "eabi", "gnueabi", "universal", "unknown", "pc",
    ]

    /// What the twins have in common: the path without the words for platforms.
    package static func identity(of path: EntryPath) -> String {
        path.description.split(separator: "/").map { component in
            component.split { "-._+".contains($0) }.filter { !words.contains($0.lowercased()) }.joined(separator: "-")
        }.joined(separator: "/")
    }
}
