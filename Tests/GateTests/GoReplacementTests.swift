import Layers
import OCI
import SBOM
import Testing

@testable import ELF
@testable import Inventory

@Suite("Go modules that others replace") struct GoReplacementTests {
    @Test(
        "a module that another replaces is listed as the other, and is its pedigree; one that a directory replaces stays"
    )
    func replaced() throws {
        let info = GoBuildInfo(
            version: "go1.22.1",
            moduleInformation: """
                path\texample.com/tool
                mod\texample.com/tool\tv1.0.0
                dep\texample.org/a\tv1.0.0
                =>\texample.org/b\tv2.0.0\th1:def=
                dep\texample.org/c\tv3.0.0
                =>\t./c\t(devel)
                """
        )
        var draft = InventoryDraft()
        ModuleComponents.add(info, at: EntryPath(normalizing: "/app/tool"), to: &draft)
        let inventory = Inventory(components: draft.finished)
        let urls = inventory.components.map(\.key.text)
        #expect(urls.contains("pkg:golang/example.org/b@v2.0.0") && urls.contains("pkg:golang/example.org/c@v3.0.0"))
        #expect(!urls.contains { $0.contains("example.org/a") || $0.contains("./") })
        let subject = SBOMSubject(.files, name: "tool", digest: nil, created: Timestamp(secondsSince1970: 0))
        let bytes = SBOMDocument(inventory, of: subject, as: .cyclonedx, by: "1").bytes
        let json = try JSON(parsing: bytes, named: "document")
        let components = json["components"]?.arrayValue ?? []
        let other = try #require(components.first { $0["name"] == "example.org/b" })
        #expect(
            other["pedigree"]?["ancestors"]?.arrayValue == [
                [
                    "type": "library", "name": "example.org/a", "version": "v1.0.0",
                    "purl": "pkg:golang/example.org/a@v1.0.0",
                ]
            ]
        )
        #expect(components.count { $0["pedigree"] != nil } == 1)
    }
}
