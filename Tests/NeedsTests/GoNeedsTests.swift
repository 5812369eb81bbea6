import ELF
import Needs
import TestSupport
import Testing

@Suite("What Go programs need")
struct GoNeedsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let does: String
        let packages: [String]
        let statement: String
        let needs: [Need: NeedAnswer]
        var testDescription: String { does }
    }

    private static let get = (packages: [#""net/http""#], statement: #"http.Get("https://example.com")"#)

    @Test(
        "each use of the standard library is seen, and nothing that is not used",
        arguments: [
            Case(does: "plain", packages: [], statement: "println(1)", needs: [:]),
            Case(
                does: "serves HTTP",
                packages: [#""net/http""#],
                statement: #"http.ListenAndServe(":8080", nil)"#,
                needs: [.nameLookup: .needed("links net.Resolver")]
            ),
            Case(
                does: "asks for HTTPS",
                packages: get.packages,
                statement: get.statement,
                needs: [.certificates: .needed("links crypto/x509 (system roots)")]
            ),
            Case(
                does: "asks for a media type",
                packages: [#""mime""#],
                statement: #"println(mime.TypeByExtension(".woff2"))"#,
                needs: [.mediaTypes: .needed("links mime.TypeByExtension")]
            ),
            Case(
                does: "loads a time zone",
                packages: [#""time""#],
                statement: #"l, err := time.LoadLocation("Europe/Paris"); println(l, err)"#,
                needs: [.zones: .needed("links time.LoadLocation")]
            ),
            Case(
                does: "brings its time zones",
                packages: [#""time""#, #"_ "time/tzdata""#],
                statement: #"l, err := time.LoadLocation("Europe/Paris"); println(l, err)"#,
                needs: [.zones: .carried("links time/tzdata")]
            ),
            Case(
                does: "prints the local time",
                packages: [#""time""#],
                statement: "println(time.Now().String())",
                needs: [.zones: .unneeded("links no time.LoadLocation")]
            ),
            Case(
                does: "asks who it is",
                packages: [#""os/user""#],
                statement: "u, err := user.Current(); println(u, err)",
                needs: [.accounts: .needed("links os/user.Current")]
            ),
            Case(
                does: "writes a temporary file",
                packages: [#""os""#],
                statement: #"f, err := os.CreateTemp("", "x"); println(f, err)"#,
                needs: [.temporaryFiles: .needed("links os.CreateTemp")]
            ),
            Case(
                does: "starts a shell",
                packages: [#""os/exec""#],
                statement: #"println(exec.Command("/bin/sh", "-c", "true").Run())"#,
                needs: [.shell: .likely("names /bin/sh")]
            ),
        ]
    )
    func uses(sample: Case) throws {
        let found = try needs(of: Sample.go(importing: sample.packages, sample.statement))
        for (need, answer) in sample.needs { #expect(found[need] == answer) }
        if sample.needs.isEmpty { #expect(found.all("needed", "likely", "carried", "unknown") == []) }
        // Go's linker before 1.20 or so keeps the client in a server of `net/http`.
        if sample.packages != Self.get.packages { #expect(found[.certificates].word == "unneeded") }
    }

    @Test(
        "however it is built",
        arguments: [
            (["-ldflags="], [:]), (["-buildmode=pie", "-ldflags=-s -w"], [:]), (["-tags=netgo"], ["GOARCH": "arm64"]),
            ([], ["CGO_ENABLED": "1"]),
        ]
    )
    func ways(flags: [String], environment: [String: String]) throws {
        let statement = #"http.Get("https://example.com"); l, err := time.LoadLocation("Asia/Tokyo"); println(l, err)"#
        let path = try Sample.go(
            importing: [#""net/http""#, #""time""#],
            statement,
            flags: flags,
            environment: environment
        )
        let found = try needs(of: path)
        #expect(found[.certificates] == .needed("links crypto/x509 (system roots)"))
        #expect(found[.zones] == .needed("links time.LoadLocation"))
        guard case .go(let info) = found.maker else {
            Issue.record("not taken for Go's")
            return
        }
        #expect(info.mainModule?.path == "example.com/sample")
    }

    @Test(
        "Debian's programs",
        arguments: [
            ("skopeo", true, false), ("umoci", false, false), ("runc", false, false), ("docker-registry", true, false),
            ("podman", true, true),
        ]
    )
    func real(name: String, certificates: Bool, zones: Bool) throws {
        let found = try needs(of: Tool.path(of: name))
        #expect(found[.certificates].word == (certificates ? "needed" : "unneeded"))
        #expect(found[.zones].word == (zones ? "needed" : "unneeded"))
        #expect(found[.accounts].word == "needed")
        guard case .go = found.maker else {
            Issue.record("not taken for Go's")
            return
        }
    }
}
