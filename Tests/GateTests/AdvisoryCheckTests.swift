import Advisories
import Diagnostics
import Findings
import Gate
import OCI
import Testing

@Suite("Known vulnerabilities of Debian packages") struct AdvisoryCheckTests {
    private static let release = "ID=debian\nVERSION_ID=\"13\"\nVERSION=\"13 (trixie)\"\n"
    private static let libc = """
        Package: libc6
        Architecture: amd64
        Source: glibc (2.41-12)
        Version: 2.41-12+b1

        """

    private static func findings(
        _ json: String,
        records: [String] = [libc],
        release: String? = release,
        others: [MemoryRoot.File] = [],
        ignoring: Set<String> = []
    ) throws -> [Finding] {
        var files = others
        for (index, record) in records.enumerated() {
            files.append(file("/var/lib/dpkg/status.d/\(index)", record, origin: .base))
        }
        if let release { files.append(file("/etc/os-release", release, origin: .base)) }
        let list = try AdvisoryFile(
            Array(json.utf8),
            named: "tracker.json",
            date: Timestamp(parsing: "2026-11-28T10:00:00Z")
        )
        return try AdvisoryCheck(MemoryRoot(files), list, update: "update", ignoring: ignoring).findings()
    }

    private static func tracker(_ status: String, _ fixed: String? = nil, urgency: String = "low") -> String {
        let version = fixed.map { #","fixed_version":"\#($0)""# } ?? ""
        return
            #"{"glibc":{"CVE-2099-1":{"releases":{"trixie":{"status":"\#(status)","urgency":"\#(urgency)"\#(version)}}}}}"#
    }

    @Test(
        "the version of the source package decides, as dpkg orders versions",
        arguments: [
            ("resolved", "2.41-13", "advisory.fixed"), ("resolved", "2.41-12", nil), ("resolved", "2.41-12~rc1", nil),
            ("resolved", "1:0.1", "advisory.fixed"), ("resolved", "0", nil), ("resolved", nil, "advisory.fixed"),
            ("open", nil, "advisory.open"), ("undetermined", nil, "advisory.open"),
        ] as [(String, String?, String?)]
    )
    func versions(status: String, fixed: String?, code: String?) throws {
        let found = try Self.findings(Self.tracker(status, fixed))
        #expect(found.map(\.rule.code) == [code].compactMap(\.self))
        guard let finding = found.first else { return }
        #expect(finding.subject == "glibc")
        let reason = try #require(finding.reason)
        #expect(reason.contains("CVE-2099-1") && reason.contains("`libc6`") && reason.contains("2026-11-28"))
    }

    @Test("what Debian calls unimportant is left out, and counted beside the rest")
    func unimportant() throws {
        #expect(try Self.findings(Self.tracker("open", urgency: "unimportant")).isEmpty)
        let both = #"""
            {"glibc":{"CVE-1":{"releases":{"trixie":{"status":"open","urgency":"unimportant"}}},
            "CVE-2":{"releases":{"trixie":{"status":"open","urgency":"high"}}}}}
            """#
        let found = try Self.findings(both)
        #expect(found.count == 1)
        #expect(found.first?.reason?.contains("CVE-2; 1 more is unimportant") == true)
    }

    @Test("a vulnerability that the user allows is passed over")
    func ignored() throws {
        #expect(try Self.findings(Self.tracker("open"), ignoring: ["CVE-2099-1"]).isEmpty)
    }

    @Test("debsecan's list says the same, for sources, for binary packages, and for versions that are not affected")
    func debsecan() throws {
        func codes(_ line: String) throws -> [String] {
            try Self.findings("VERSION 1\nCVE-2099-1,,bad, it says\n\n\(line)\n\nglibc,libc6\n\n").map(\.rule.code)
        }
        #expect(try codes("glibc,0,SMRF,2.42-1,2.41-12+deb13u1") == ["advisory.fixed"])
        #expect(try codes("glibc,0,SMRF,2.42-1,2.41-12") == [])
        #expect(try codes("glibc,0,S ? ,2.42-1,") == ["advisory.open"])
        #expect(try codes("glibc,0,S ? ,2.41-12,") == [])
        #expect(try codes("glibc,0,S ? ,,") == ["advisory.open"])
        #expect(try codes("libc6,0,BH F,2.41-12+b2,") == ["advisory.fixed"])
        #expect(try codes("libc6,0,BH F,2.41-12+b1,") == [])
        #expect(try codes("zlib,0,SMRF,99,") == [])
    }

    @Test(
        "where nothing can be known, that is said",
        arguments: [
            (nil, release, "no records"), (libc, nil, "no os-release"),
            (libc, "ID=ubuntu\nVERSION_CODENAME=noble\n", "`ubuntu`"),
            (libc, "ID=debian\n", "no codename"), (libc, "ID=debian\nVERSION_CODENAME=buster\n", "`buster`"),
        ] as [(String?, String?, String)]
    )
    func unknown(record: String?, release: String?, reason: String) throws {
        let found = try Self.findings(Self.tracker("open"), records: [record].compactMap(\.self), release: release)
        #expect(found.map(\.rule.code) == ["advisory.unknown"])
        #expect(found.first?.reason?.contains(reason) == true, "\(found)")
    }

    @Test("the application's own files are not looked up, and that is said")
    func application() throws {
        let found = try Self.findings(Self.tracker("resolved", "0"), others: [file("/app/server")])
        #expect(found.map(\.rule.code) == ["advisory.unknown"])
    }

    @Test("a package that was removed is not installed")
    func removed() throws {
        let status = file(
            "/var/lib/dpkg/status",
            "Package: libc6\nStatus: deinstall ok config-files\nVersion: 1\nSource: glibc\n"
        )
        #expect(
            try Self.findings(Self.tracker("open"), records: [], others: [status]).map(\.rule.code) == [
                "advisory.unknown"
            ]
        )
        let installed = file(
            "/var/lib/dpkg/status",
            "Package: libc6\nStatus: install ok installed\nVersion: 1\nSource: glibc\n",
            origin: .base
        )
        #expect(
            try Self.findings(Self.tracker("open"), records: [], others: [installed]).map(\.rule.code) == [
                "advisory.open"
            ]
        )
    }

    @Test(
        "a file that is something else is refused, with its reason",
        arguments: [
            ("", "neither"), ("<html>", "neither"), ("\u{1F}", "neither"), ("VERSION 2\n", "VERSION 1"),
            ("VERSION 1\nx\n", "line 2"), ("VERSION 1\nCVE-1,,x\n\nglibc,1,SMRF,,\n", "line 4"),
            ("VERSION 1\nCVE-1,,x\n\nglibc,0,S,,\n", "line 4"), ("x\u{1}", "does not decompress"),
            ("{", "a key is missing"),
            (#"{"glibc":[]}"#, "an object"), (#"{"glibc":{},"glibc":{}}"#, "twice"), (tracker("maybe"), "`maybe`"),
            (tracker("resolved", "a_b"), "is not a version"),
        ]
    )
    func malformed(text: String, reason: String) throws {
        let error = #expect(throws: Diagnostic.self) { try Self.findings(text) }
        #expect(error?.reason?.contains(reason) == true, "\(String(describing: error))")
    }
}
