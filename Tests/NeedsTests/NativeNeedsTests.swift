import Needs
import TestSupport
import Testing

@Suite("What programs in C and Rust need")
struct NativeNeedsTests {
    @Test("a C program that calls nothing of it needs nothing")
    func plain() throws {
        let found = try needs(of: Sample.c("#include <stdio.h>\nint main(void) { return puts(\"system popen\"); }\n"))
        #expect(found.all("needed", "likely", "carried", "unknown") == [])
        #expect(found.maker == .other)
    }

    @Test("what a C program calls in the C library is named")
    func calls() throws {
        let found = try needs(
            of: Sample.c(
                """
                #include <netdb.h>
                #include <pwd.h>
                #include <stdlib.h>
                #include <stdio.h>
                int main(int n, char **v) {
                    struct addrinfo *list;
                    return getaddrinfo(v[1], 0, 0, &list) + (getpwnam(v[1]) != 0) + mkstemp(v[1]) + system(v[1]);
                }
                """
            )
        )
        #expect(found[.nameLookup] == .needed("calls getaddrinfo"))
        #expect(found[.accounts] == .needed("calls getpwnam"))
        #expect(found[.temporaryFiles] == .needed("calls mkstemp"))
        #expect(found[.shell] == .needed("calls system"))
        #expect(found[.certificates] == .unneeded("no TLS library, and no SSL_CERT_FILE in it"))
    }

    @Test("a static C program shows what it is linked with by the paths in it")
    func staticC() throws {
        let plain = try needs(of: Sample.c("int main(void) { return 0; }\n", ["-static"]))
        #expect(plain.all("needed", "likely", "carried") == [])
        #expect(plain.all("unknown") == ["temporary-files"])
        let users = "#include <pwd.h>\nint main(int n, char **v) { return getpwnam(v[0]) != 0; }\n"
        let found = try needs(of: Sample.c(users, ["-static", "-Wl,--no-warnings"]))
        #expect(found[.accounts] == .likely("names /etc/passwd"))
        let time = "#include <time.h>\nint main(void) { time_t t = 0; return localtime(&t)->tm_hour; }\n"
        #expect(try needs(of: Sample.c(time, ["-static"]))[.zones] == .likely("names /usr/share/zoneinfo"))
    }

    @Test(
        "Debian's programs in C",
        arguments: [
            ("curl", "needed: reads SSL_CERT_FILE"), ("openssl", "needed: links libssl.so.3"),
            ("git", "unneeded: no TLS library, and no SSL_CERT_FILE in it"),
            ("gpgv", "unneeded: no TLS library, and no SSL_CERT_FILE in it"),
            ("jq", "unneeded: no TLS library, and no SSL_CERT_FILE in it"),
        ]
    )
    func real(name: String, answer: String) throws {
        let found = try needs(of: Tool.path(of: name))[.certificates]
        #expect("\(found.word): \(found.reason)" == answer)
    }

    @Test("a Rust program is known by its compiler's commit, and needs nothing by itself")
    func rust() throws {
        let found = try needs(of: Sample.rust("fn main() { println!(\"hello\"); }\n"))
        let version = try Command("rustc", ["-vV"]).output()
        let commit = try #require(version.firstMatch(of: #/commit-hash: (\w+)/#)?.1)
        // Debian's compiler does not say which commit it is made from, and writes another path.
        if commit != "unknown" { #expect(found.maker == .rust(commit: String(commit), crates: nil)) }
        #expect(found.all("needed", "carried") == [])
    }

    @Test(
        "crates show by the paths of their sources",
        arguments: [
            ("rustls-native-certs-0.8.1", Need.certificates, NeedAnswer.needed("links rustls-native-certs-0.8.1")),
            ("openssl-probe-0.1.5", .certificates, .needed("links openssl-probe-0.1.5")),
            ("webpki-roots-0.26.7", .certificates, .carried("links webpki-roots-0.26.7")),
            ("jiff-0.2.4", .zones, .needed("links jiff-0.2.4")),
            ("chrono-tz-0.10.0", .zones, .carried("links chrono-tz-0.10.0")),
        ]
    )
    func crates(name: String, need: Need, answer: NeedAnswer) throws {
        let commit = String(repeating: "0123456789abcdef", count: 3).prefix(40)
        let path = "/rustc/\(commit)/library/core/src/option.rs /build/.cargo/registry/src/index-1/\(name)/src/lib.rs"
        let found = try needs(of: ProgramBytes(loading: Array(path.utf8)))
        #expect(found[need] == answer)
        // The same as a compiler writes it where a bounds check of the crate can fail.
        let program = try Sample.rust(
            "fn main() { println!(\"{}\", dep::at(std::env::args().count())); }\n",
            sources: "/build/.cargo/registry/src/index-1/\(name)",
            library:
                "#[inline(never)]\npub fn at(n: usize) -> u8 { let v = std::env::args().count(); [1u8, 2][n + v] }\n"
        )
        if case .rust = try needs(of: program).maker { #expect(try needs(of: program)[need] == answer) }
    }

    @Test("x509: a Rust program that reads SSL_CERT_FILE needs certificates")
    func variable() throws {
        let source = "fn main() { println!(\"{:?}\", std::env::var_os(\"SSL_CERT_FILE\")); }\n"
        #expect(try needs(of: Sample.rust(source))[.certificates] == .needed("reads SSL_CERT_FILE"))
    }

    @Test("a program with well-known authorities in it works without the image's")
    func embedded() throws {
        let names = ["ISRG Root X1", "Amazon Root CA 1", "GTS Root R1"]
        for count in [2, 3] {
            let text = "SSL_CERT_FILE " + names.prefix(count).joined(separator: " ")
            let found = try needs(of: ProgramBytes(loading: Array(text.utf8)))[.certificates]
            #expect(found.word == (count == 3 ? "carried" : "needed"))
        }
    }

    @Test("what `cargo auditable` recorded is printed as a hint")
    func auditable() throws {
        let program = try Sample.rust("fn main() { println!(\"hello\"); }\n")
        try Tool.python(
            """
            import json, sys, zlib
            crates = [{"name": "rustls-native-certs", "version": "0.8.1", "source": "crates.io"},
                      {"name": "jiff", "version": "0.2.0", "source": "crates.io", "kind": "build"},
                      {"name": "own", "version": "0.1.0", "source": "local", "root": True,
                       "dependencies": [1, 0, 9]}]
            open(sys.argv[1], "wb").write(zlib.compress(json.dumps({"packages": crates}).encode()))
            """,
            ["\(program).deps"]
        )
        let marked = "\(program)-marked"
        try Command("objcopy", ["--add-section", ".dep-v0=\(program).deps", program, marked]).output()
        let found = try needs(of: marked)
        guard case .rust(_, let crates) = found.maker else { return }
        #expect(crates?.all.map(\.name) == ["rustls-native-certs", "own"])
        // Those that only built it are not in it, and do not count.
        #expect(crates?.all.map(\.dependencies) == [[], [0]] && crates?.all.map(\.isRoot) == [false, true])
        #expect(crates?.all.map(\.isOfPublicRegistry) == [true, false])
        #expect(found[.certificates] == .likely("was built with rustls-native-certs 0.8.1"))
        #expect(found[.zones].word == "unneeded")
    }

    @Test("a packed program cannot be inspected")
    func packed() throws {
        var bytes = ProgramBytes(loading: Array(repeating: 0, count: 256)).bytes
        bytes.replaceSubrange(128..<132, with: Array("UPX!".utf8))
        let found = try needs(of: ProgramBytes(bytes))
        #expect(found.all("unknown").count == Need.allCases.count)
        #expect(found[.certificates].reason == "it is packed with UPX, which cannot be looked into")
    }
}
