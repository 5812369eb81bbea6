package import Diagnostics
import Findings
package import Layers
package import OCI

/// The compiled parts of an application directory, and the platforms that they fit together.
///
/// Packages bring the same module for several platforms, side by side, and load the one that fits. Such modules are one
/// family: their paths differ only in the platform's name.
package struct CompiledParts {
    private struct Family {
        let first: EntryPath
        var platforms: [Platform] = []
        let evidence: String
    }

    /// Extension modules: what another program loads.
    private var modules: [Family] = []
    /// Programs, which may be there for other systems than the image's.
    private var programs: [Family] = []

    package init(of entries: [LayerEntry]) {
        var modulePlaces: [String: Int] = [:]
        var programPlaces: [String: Int] = [:]
        for entry in entries where RootEntry(entry, origin: .application).mayBeLoaded {
            guard let file = entry.hostFile, let program = try? Program(at: file) else { continue }
            let key = Self.family(of: entry.path)
            if program.isStartable {
                Self.add(program, entry.path, key, &programs, &programPlaces)
            } else {
                Self.add(program, entry.path, key, &modules, &modulePlaces)
            }
        }
    }

    private static func add(
        _ program: Program,
        _ path: EntryPath,
        _ key: String,
        _ families: inout [Family],
        _ places: inout [String: Int]
    ) {
        let place = places[key] ?? families.count
        if place == families.count {
            places[key] = place
            families.append(Family(first: path, evidence: program.evidence))
        }
        if !families[place].platforms.contains(where: { $0.matches(program.platform) }) {
            families[place].platforms.append(program.platform)
        }
    }

    package struct Choice {
        package let platform: Platform
        package let evidence: String

        package init(platform: Platform, evidence: String) {
            self.platform = platform
            self.evidence = evidence
        }
    }

    /// The platforms that any part is for.
    package var platforms: [Platform] {
        (modules + programs).flatMap(\.platforms).reduce(into: [Platform]()) { platforms, platform in
            if !platforms.contains(where: { $0.matches(platform) }) { platforms.append(platform) }
        }
    }

    /// The one platform that all parts are for, or that all modules allow; else that of this machine.
    package func choice(onMachine machine: Platform) -> Choice {
        let all = modules + programs
        if platforms.count == 1, let first = all.first {
            return Choice(platform: platforms[0], evidence: "\(first.evidence), in `\(first.first)`")
        }
        let fitting = platforms.filter { platform in
            modules.allSatisfy { $0.platforms.contains { $0.matches(platform) } }
        }
        if !modules.isEmpty, fitting.count == 1, let module = modules.first(where: { $0.platforms.count == 1 }) {
            return Choice(platform: fitting[0], evidence: "`\(module.first)` is for no other platform")
        }
        let reason =
            platforms.isEmpty ? "nothing in it is for a certain processor" : "its parts are for several platforms"
        return Choice(
            platform: machine,
            evidence: "\(reason): this machine's was taken; `--platform` chooses another"
        )
    }

    /// The modules that are not there for `platform` in any form; `nil` if there are none.
    package func missing(for platform: Platform) -> Diagnostic? {
        let missing = modules.filter { family in !family.platforms.contains { $0.matches(platform) } }
        guard let first = missing.first else { return nil }
        let others = missing.count > 1 ? ", and \(missing.count - 1) more are not for it either" : ""
        return Diagnostic(
            .planPlatformMismatch,
            "`\(first.first)` is not for \(platform)",
            because:
                "it is for \(first.platforms.map(\.description).joined(separator: ", ")), and no other file stands in "
                + "for it\(others)",
            hint: "install the dependencies for \(platform), or name the platform that they are for: "
                + "`--platform \(first.platforms[0])`"
        )
    }

    // MARK: Families

    /// The words by which packages name platforms, and versions of processors.
    private static let words: Set<Substring> = [
        "linux", "linuxmusl", "linuxglibc", "musl", "musleabihf", "gnu", "gnueabihf", "gnueabi", "glibc", "eabi",
        "unknown",
        "android", "androideabi", "darwin", "macos", "win32", "windows", "msvc", "freebsd", "openharmony", "ohos",
        "amd64", "x64", "x86", "64", "32", "i386", "i686", "386", "ia32", "arm64", "aarch64", "arm", "armhf", "armel",
        "arm64v8", "armv5", "armv6", "armv6l", "armv7", "armv7l", "armv8", "v5", "v6", "v7", "v8", "ppc64", "ppc64le",
        "powerpc64le", "s390x", "riscv64", "riscv64gc", "loong64", "loongarch64", "mips64el", "mipsel", "universal",
        "darwinx64", "linuxx64", "linuxarm64", "manylinux", "manylinux2014", "musllinux",
    ]

    /// `path` without the words that name platforms: the same for all members of a family.
    static func family(of path: EntryPath) -> String {
        let text = String(decoding: path.bytes, as: UTF8.self)
        return text.split(separator: "/").map { component in
            component.lowercased().split { "-_.+@".contains($0) }.filter { !words.contains($0) }
                .joined(separator: "-")
        }.joined(separator: "/")
    }
}

extension Platform {
    /// What this program runs on, as an image says it.
    package static var ofThisMachine: Platform {
        #if arch(arm64)
            Platform(os: "linux", architecture: "arm64")
        #else
            Platform(os: "linux", architecture: "amd64")
        #endif
    }
}

extension Diagnostic.Code {
    package static let planPlatformMismatch = Self("plan.platform-mismatch", .input)
}
