import Bases
import ByteIO
import Diagnostics
import ELF
import Layers
import TestSupport
import Testing

@Suite("What is known of bases without fetching them")
struct KnownPackagesTests {
    private static func files(_ base: String, _ architecture: String = "amd64") throws -> [LoadableFile] {
        let catalogue = BaseCatalogue([try BaseShelf.embedded()])
        let packages = KnownPackages(for: architecture, cache: nil, drafts: FilePath("/tmp"))
        return try #require(try packages.files(of: catalogue.entry(named: base)), "\(base) is not known")
    }

    private static func elf(_ file: LoadableFile) -> ElfFacts? {
        if case .elf(let elf)? = file.facts { elf } else { nil }
    }

    @Test(
        "every locked base of the catalogue is known, and whole: each library that one of its files needs is there, with its versions",
        arguments: ["amd64", "arm64"]
    )
    func whole(architecture: String) throws {
        for entry in BaseCatalogue([try BaseShelf.embedded()]).all where entry.section.lock != nil {
            let files = try Self.files(entry.name, architecture)
            var versions: [String: Set<String>] = [:]
            for file in files {
                let name = String(decoding: file.path.name, as: UTF8.self)
                let elf = Self.elf(file)
                versions[elf?.soname ?? name, default: []].formUnion(elf?.versionDefinitions ?? [])
                if versions[name] == nil { versions[name] = [] }
            }
            for file in files {
                guard let elf = Self.elf(file) else { continue }
                #expect(elf.architecture == architecture)
                if file.path.name.starts(with: "lib".utf8) { #expect(elf.isLoadable, "\(file.path)") }
                for library in elf.needed {
                    #expect(versions[library] != nil, "\(entry.name): \(file.path): \(library)")
                }
                for need in elf.versionNeeds {
                    let missing = need.versions.filter {
                        !$0.isWeak && versions[need.library]?.contains($0.name) != true
                    }
                    #expect(missing.isEmpty, "\(entry.name): \(file.path): \(missing) of \(need.library)")
                }
            }
        }
    }

    @Test(
        "what a base has and has not",
        arguments: [
            ("debian12/cc", "libz.so.1", false), ("debian13/cc", "libz.so.1", true),
            ("debian13/static", "libc.so.6", false), ("debian13/base", "libssl.so.3", true),
            ("debian12/nodejs", "libnode.so.108", true), ("debian13/nodejs", "libnode.so.115", true),
            ("debian13/python3", "python3.13", true), ("debian13/python3", "ldconfig", true),
            ("debian13/java-headless", "libjvm.so", true), ("debian13/cc", "sh", false),
            ("debian13/cc:debug", "sh", true), ("debian13/java-headless", "libpcre2-8.so.0", true),
        ]
    )
    func has(base: String, name: String, isThere: Bool) throws {
        #expect(try Self.files(base).contains { $0.path.name.elementsEqual(name.utf8) } == isThere)
    }

    @Test("a package that is neither in the table nor in the cache makes the base unknown")
    func unknown() throws {
        let folder = try TemporaryDirectory()
        try folder.file("debian13/own.yaml", "for: x\nend-of-life: 2030-06-30\npackages: [libc6, libgone1]\n")
        let catalogue = BaseCatalogue([try BaseShelf(readingFrom: FilePath(folder.path)), try BaseShelf.embedded()])
        let packages = KnownPackages(for: "amd64", cache: nil, drafts: FilePath("/tmp"))
        #expect(try packages.files(of: catalogue.entry(named: "own"))?.count == nil)
    }
}
