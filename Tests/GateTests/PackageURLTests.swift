import Inventory
import Testing

@Suite("Package URLs") struct PackageURLTests {
    @Test(
        "a package has one text, by the rules of its type",
        arguments: [
            (
                PackageURL(
                    "deb",
                    namespace: "debian",
                    name: "zlib1g",
                    version: "1:1.3.dfsg+really1.3.1-1+deb13u1",
                    qualifiers: ["upstream": "zlib", "distro": "debian-13", "arch": "amd64"]
                ),
                "pkg:deb/debian/zlib1g@1:1.3.dfsg%2Breally1.3.1-1%2Bdeb13u1?arch=amd64&distro=debian-13&upstream=zlib"
            ),
            (
                PackageURL(goModule: "github.com/Masterminds/goutils", version: "v1.1.0"),
                "pkg:golang/github.com/Masterminds/goutils@v1.1.0"
            ),
            (PackageURL(goModule: "example.com/lib/v2", version: "v2.0.1"), "pkg:golang/example.com/lib/v2@v2.0.1"),
            (PackageURL(goModule: "stdlib", version: "1.22.3"), "pkg:golang/stdlib@1.22.3"),
            (PackageURL(goModule: "example.com/app", version: "(devel)"), "pkg:golang/example.com/app@%28devel%29"),
            (
                PackageURL("npm", namespace: "@angular", name: "animation", version: "12.3.1"),
                "pkg:npm/%40angular/animation@12.3.1"
            ),
            (PackageURL("pypi", name: "Foo.Bar_baz", version: "1.0"), "pkg:pypi/foo.bar-baz@1.0"),
            (PackageURL("nuget", name: "Newtonsoft.Json", version: "13.0.1"), "pkg:nuget/Newtonsoft.Json@13.0.1"),
            (
                PackageURL(
                    "oci",
                    name: "Server",
                    version: "sha256:aa",
                    qualifiers: ["repository_url": "r.example/me/s"]
                ),
                "pkg:oci/server@sha256:aa?repository_url=r.example%2Fme%2Fs"
            ),
            (PackageURL("gem", name: "n", version: "1", qualifiers: ["platform": "", "arch": nil]), "pkg:gem/n@1"),
            (PackageURL("generic", name: "ä b", version: nil, subpath: "/x/../y"), "pkg:generic/%C3%A4%20b#x/y"),
        ] as [(PackageURL, String)]
    )
    func text(url: PackageURL, expected: String) {
        #expect(url.description == expected)
    }

    @Test(
        "what scanners cannot read as a package URL is not taken for one",
        arguments: [
            "pkg:1deb/a@1", "pkg:swift/a@1", "pkg:npm/a@1?%41=b", "pkg:npm/a@1?=b", "pkg:npm/a@1?b=c&B=d",
            "pkg:npm/%+1@1",
            "pkg:npm/", "npm/a@1", "pkg:npm/a@%FF", "pkg:n_m/a@1",
        ]
    )
    func refused(text: String) { #expect(PackageURL(parsing: text) == nil) }

    @Test("they are ordered by their text")
    func order() {
        let urls = ["b", "a/x", "a"].map { PackageURL(goModule: $0, version: "1") }
        #expect(urls.sorted().map(\.description) == ["pkg:golang/a/x@1", "pkg:golang/a@1", "pkg:golang/b@1"])
    }
}
