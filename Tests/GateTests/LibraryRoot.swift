import Diagnostics
import ELF
import Findings
import Gate
import Layers
import OCI

/// A root filesystem made of words: what each file is and needs.
struct LibraryRoot: ImageRoot {
    private(set) var entries: [RootEntry] = []
    private var contents: [EntryPath: [UInt8]] = [:]
    private var known: [EntryPath: FileFacts] = [:]

    subscript(path: EntryPath) -> RootEntry? { entries.first { $0.path == path } }

    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        contents[entry.path].map { Array($0.dropFirst(Int(offset)).prefix(count)) }
    }

    func facts(of entry: RootEntry) throws(Diagnostic) -> FileFacts? { known[entry.path] }

    private mutating func add(_ entry: RootEntry) {
        if let parent = entry.path.parent, self[parent] == nil {
            add(RootEntry(parent, .directory, mode: 0o755, origin: .base))
        }
        entries.append(entry)
        entries.sort { $0.path < $1.path }
    }

    /// Adds a file; what is below `/app` is the user's, all else the base's.
    mutating func file(_ path: String, _ facts: FileFacts? = nil, mode: UInt16 = 0o755, content: [UInt8] = []) {
        let place = EntryPath(normalizing: path)
        let origin: RootEntry.Origin = path.hasPrefix("/app") ? .application : .base
        add(RootEntry(place, .file, mode: mode, size: Int64(max(64, content.count)), origin: origin))
        known[place] = facts
        contents[place] = content
    }

    mutating func link(_ path: String, _ target: String) {
        let place = EntryPath(normalizing: path)
        add(RootEntry(place, .symlink(target: Array(target.utf8)), mode: 0o777, origin: .base))
    }

    /// What Debian's loader and C library are on amd64, with `versions`.
    static func debian(_ versions: [String] = ["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.36"]) -> LibraryRoot {
        var root = LibraryRoot()
        root.file("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", .library("ld-linux-x86-64.so.2"))
        root.file(
            "/usr/lib/x86_64-linux-gnu/libc.so.6",
            .library("libc.so.6", needed: ["ld-linux-x86-64.so.2"], defines: versions)
        )
        root.link("/lib", "usr/lib")
        root.link("/lib64", "usr/lib64")
        root.link("/usr/lib64/ld-linux-x86-64.so.2", "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
        return root
    }

    /// What the gate finds, by code and path.
    func found(
        starting program: String? = "/app/server",
        environment: [String] = [],
        platform: String = "amd64",
        base: String? = "debian12/base"
    ) throws -> [String] {
        try findings(starting: program, environment: environment, platform: platform, base: base).map { finding in
            "\(finding.rule.code) \(finding.path.map { $0.description } ?? "")"
        }
    }

    /// What the gate finds in an image that starts several words.
    func findings(
        starting words: [String],
        environment: [String] = [],
        stopSignal: String? = nil,
        volumes: [String] = [],
        directory: String? = nil
    ) throws -> [Finding] {
        var execution = ImageConfig.Execution(
            env: environment,
            entrypoint: words,
            volumes: volumes,
            workingDir: directory
        )
        execution.stopSignal = stopSignal
        let image = GatedImage(
            root: self,
            platform: Platform(os: "linux", architecture: "amd64"),
            execution: execution,
            base: nil
        )
        return try ImageGate.findings(in: image).filter { $0.rule.code.hasPrefix("run.") }
    }

    func findings(
        starting program: String? = "/app/server",
        environment: [String] = [],
        platform: String = "amd64",
        base: String? = "debian12/base"
    ) throws -> [Finding] {
        let execution = ImageConfig.Execution(env: environment, entrypoint: program.map { [$0] })
        let image = GatedImage(
            root: self,
            platform: Platform(os: "linux", architecture: platform),
            execution: execution,
            base: base
        )
        return try ImageGate.findings(in: image).filter { finding in
            finding.rule.code.hasPrefix("run.") || finding.rule.code == "junk.foreign-binary"
        }
    }
}

extension FileFacts {
    static func program(
        _ needed: [String] = ["libc.so.6"],
        loader: String = "/lib64/ld-linux-x86-64.so.2",
        rpath: String? = nil,
        runpath: String? = nil,
        versions: [VersionNeed] = []
    ) -> FileFacts {
        made(.dynamic(loader: loader, needed: needed), needed: needed, rpath: rpath, runpath: runpath, needs: versions)
    }

    static func library(
        _ soname: String,
        needed: [String] = [],
        rpath: String? = nil,
        runpath: String? = nil,
        machine: Machine = .x86_64,
        architecture: String? = "amd64",
        defines: [String] = [],
        versions: [VersionNeed] = []
    ) -> FileFacts {
        made(
            .sharedLibrary(soname: soname),
            soname: soname,
            needed: needed,
            rpath: rpath,
            runpath: runpath,
            machine: machine,
            architecture: architecture,
            needs: versions,
            defines: defines
        )
    }

    static func made(
        _ linkage: Linkage,
        soname: String? = nil,
        needed: [String] = [],
        rpath: String? = nil,
        runpath: String? = nil,
        machine: Machine = .x86_64,
        architecture: String? = "amd64",
        needs: [VersionNeed] = [],
        defines: [String] = [],
        weaknesses: Weaknesses = []
    ) -> FileFacts {
        .elf(
            ElfFacts(
                format: ElfFormat(.bits64, .little),
                machine: machine,
                architecture: architecture,
                linkage: linkage,
                soname: soname,
                needed: needed,
                rpath: rpath,
                runpath: runpath,
                versionNeeds: needs,
                versionDefinitions: defines,
                weaknesses: weaknesses
            )
        )
    }
}

extension VersionNeed {
    /// `libc.so.6: GLIBC_2.38`; what ends in `?` is weak.
    init(_ library: String, _ versions: String...) {
        self.init(
            library: library,
            versions: versions.map { name in
                Version(name: name.replacing("?", with: ""), isWeak: name.hasSuffix("?"))
            }
        )
    }
}
