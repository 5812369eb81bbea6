import TestSupport
import Testing

/// The documents that coracle writes, judged by other people's readers.
@Suite("Bills of materials", .enabled(if: Judge.areThere, "`make test-deps` could not install the judges"))
struct SBOMJudgeTests {
    /// Packages whose own records do not say who gives them out.
    private static let withoutSupplier = [
        "dotnet": ["Newtonsoft.Json", "Other.Part"], "node": ["deep"],
        "python": ["older", "torch", "typing_extensions"], "ruby": ["nokogiri"], "rust": ["itoa", "serde"],
        EcosystemImages.hostile: ["%2e%2e", "Odd+", "a/b", "q%q", String(repeating: "x", count: 1000)],
    ]

    /// What the judges say of documents, a line for each problem; the last says how many they have read.
    static func judge(_ files: [String]) throws -> [String] {
        let script = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"
        let printed = try Judge.python(script, ["\(FixtureProgram.sources)/judge_documents.py"] + files)
        return printed.split(separator: "\n").map(String.init)
    }

    @Test(
        "spdx-tools, CycloneDX's schema, ntia-checker and packageurl find no fault with any, but suppliers that records do not name"
    )
    func valid() throws {
        let folder = try EcosystemImages.folder()
        let names = EcosystemImages.all + [EcosystemImages.hostile, EcosystemImages.index]
        let files = names.flatMap { name in EcosystemImages.formats.map { "\(folder)/\(name).\($0.1)" } }
        var lines = try Self.judge(files)
        let read = lines.popLast() ?? ""
        #expect(read.hasPrefix("read: spdx-tools 11, ntia 11, cyclonedx 11, packageurl 1"), "\(read)")
        let expected = Self.withoutSupplier.flatMap { name, packages in
            packages.map { "\(name).spdx.json: ntia: no supplier: \($0)" }
        }
        #expect(lines.sorted() == expected.sorted())
    }

    @Test(
        "the judges see what is wrong",
        arguments: [
            ("spdx.json", #"SpdxElement":"SPDXRef-Package"#, #"SpdxElement":"SPDXRef-Gone"#, "spdx-tools"),
            ("spdx.json", #""creators":["#, #""creators":["me","#, "spdx-tools"),
            ("spdx.json", #""versionInfo":"6.5","#, "", "ntia"),
            ("spdx.json", "?arch=all&distro=debian-13", "?distro=debian-13&arch=all", "packageurl"),
            ("cdx.json", #""specVersion""#, #""specVersoin""#, "cyclonedx"),
            ("cdx.json", #""dependsOn":["pkg:deb/debian/gcc"#, #""dependsOn":["pkg:deb/debian/gone"#, "cyclonedx"),
        ]
    )
    func wrong(ending: String, old: String, new: String, judge: String) throws {
        let place = try TemporaryDirectory()
        let text = String(decoding: try readFile("\(try EcosystemImages.folder())/debian.\(ending)"), as: UTF8.self)
        #expect(text.contains(old))
        let lines = try Self.judge([try place.file("wrong.\(ending)", text.replacing(old, with: new))])
        #expect(lines.contains { $0.hasPrefix("wrong.\(ending): \(judge): ") }, "\(lines)")
    }

    @Test("syft reads every package with its name, its version and its package URL", arguments: EcosystemImages.formats)
    func syft(format: String, ending: String) throws {
        let folder = try EcosystemImages.folder()
        let place = try TemporaryDirectory()
        var pairs = [String]()
        for name in EcosystemImages.all + [EcosystemImages.index] {
            let read = place("\(name).json")
            try Judge.offline(
                "syft",
                ["convert", "--quiet", "\(folder)/\(name).\(ending)", "-o", "syft-json=\(read)"],
                directory: place.path
            ).output()
            pairs += ["\(folder)/\(name).\(ending)", read]
        }
        let lines = try Tool.python(Self.compare, pairs).split(separator: "\n")
        #expect(lines.last == "read 10 documents with 45 packages", "\(lines)")
        #expect(lines.count == 1, "\(lines)")
    }

    /// Compares packages of documents with those that syft has read. It writes a Go module's package URL in its own way.
    private static let compare = #"""
        import json, sys, urllib.parse
        count = 0
        def same(name, version, url):
            return (name, version, urllib.parse.unquote(url).lower())
        for path, read in zip(sys.argv[1::2], sys.argv[2::2]):
            with open(path) as file: document = json.load(file)
            with open(read) as file: theirs = json.load(file)
            if "packages" in document:
                urls = [(p["name"], p.get("versionInfo", ""), r["referenceLocator"])
                        for p in document["packages"] for r in p.get("externalRefs", [])]
            else:
                urls = [(c["name"], c.get("version", ""), c["purl"]) for c in document["components"] if "purl" in c]
            # Images are not packages, and data of no ecosystem is not what a scanner looks for.
            ours = {same(*one) for one in urls if one[2].split("/")[0] not in ("pkg:oci", "pkg:generic")}
            found = {same(a["name"], a["version"], a["purl"]) for a in theirs["artifacts"] if a["purl"]}
            found = {one for one in found if one[2].split("/")[0] not in ("pkg:oci", "pkg:generic")}
            for one in sorted(ours ^ found): print(path, "only in", "the document:" if one in ours else "syft:", one)
            system = any("pkg:deb/" in one[2] for one in ours)
            if system and (theirs["distro"].get("id"), theirs["distro"].get("versionID")) != ("debian", "13"):
                print(path, "is of another system:", theirs["distro"])
            count += len(ours)
        print(f"read {len(sys.argv[1:]) // 2} documents with {count} packages")
        """#
}
