import Glibc
import TestSupport
import Testing

/// Languages of their own on bases from this machine's mirror, in containers.
@Suite(
    "Languages on a base from packages",
    .serialized,
    .enabled(if: geteuid() == 0, "only root starts containers of other users")
)
struct BaseLanguageTests {
    @Test("Python has its libraries", arguments: ["debian12/python3", "debian13/python3"])
    func python(base: String) throws {
        let place = try TemporaryDirectory()
        try place.file(
            "app/main.py",
            """
            import bz2, ctypes.util, datetime, decimal, hashlib, locale, lzma, os, pwd, sqlite3, ssl, sys, uuid, zlib, zoneinfo
            print(pwd.getpwuid(os.getuid()).pw_name, sys.getfilesystemencoding(), len(ssl.create_default_context().get_ca_certs()) > 100)
            print(sqlite3.connect(":memory:").execute("select 6 * 7").fetchone())
            print(datetime.datetime(2021, 7, 1, 12, tzinfo=datetime.timezone.utc).astimezone(zoneinfo.ZoneInfo("Europe/Paris")))
            print(locale.setlocale(locale.LC_ALL, ""), ctypes.util.find_library("sqlite3"))

            """
        )
        try RealBases.build(
            [place("app")],
            on: base,
            in: place,
            ["--platform", "linux/amd64", "--entrypoint", #"["/usr/bin/python3", "/app/main.py"]"#]
        )
        let outcome = try RealBases.run(in: place)
        #expect(
            outcome.output == "nonroot utf-8 True\n(42,)\n2021-07-01 14:00:00+02:00\nC.UTF-8 libsqlite3.so.0\n",
            "\(outcome.errors)"
        )
    }

    @Test("Node.js has its certificates and its languages", arguments: ["debian12/nodejs", "debian13/nodejs"])
    func node(base: String) throws {
        let place = try TemporaryDirectory()
        try place.file(
            "app/main.js",
            """
            const { subtle } = globalThis.crypto ?? require("crypto").webcrypto
            console.log(require("os").userInfo().username, require("tls").rootCertificates.length > 100, typeof fetch)
            console.log(new Intl.DateTimeFormat("de", { month: "long", timeZone: "Europe/Paris" }).format(0))
            subtle.digest("SHA-256", new Uint8Array()).then((sum) => console.log(Buffer.from(sum).toString("hex").slice(0, 8)))

            """
        )
        try RealBases.build(
            [place("app")],
            on: base,
            in: place,
            ["--platform", "linux/amd64", "--entrypoint", #"["/usr/bin/node", "/app/main.js"]"#]
        )
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "nonroot true function\nJanuar\ne3b0c442\n", "\(outcome.errors)")
    }

    @Test(
        "Java has its authorities, its time zones, its fonts and UTF-8",
        arguments: ["debian12/java-headless", "debian13/java-headless"]
    )
    func java(base: String) throws {
        let place = try TemporaryDirectory()
        let certificates = try TestCertificates.shared()
        let (server, stranger) = (try SecureServer(certificates), try SecureServer(TestCertificates()))
        defer { [server, stranger].forEach { $0.stop() } }
        try place.file(
            "Main.java",
            """
            public class Main {
                public static void main(String[] arguments) throws Exception {
                    var trust = javax.net.ssl.TrustManagerFactory.getInstance("PKIX");
                    trust.init((java.security.KeyStore) null);
                    var manager = (javax.net.ssl.X509TrustManager) trust.getTrustManagers()[0];
                    System.out.println(System.getProperty("user.name") + " " + (manager.getAcceptedIssuers().length > 100)
                        + " " + java.nio.charset.Charset.defaultCharset() + " " + System.getProperty("sun.jnu.encoding"));
                    System.out.println(java.time.Instant.ofEpochSecond(1625140800).atZone(java.time.ZoneId.of("Europe/Paris")));
                    var canvas = new java.awt.image.BufferedImage(9, 9, 1).createGraphics();
                    canvas.setFont(new java.awt.Font("Serif", 0, 20));
                    System.out.println(canvas.getFontMetrics().stringWidth("words") > 20);
                    for (var address : arguments) {
                        try (var stream = new java.net.URL(address).openStream()) {
                            System.out.println("TLS");
                        } catch (javax.net.ssl.SSLHandshakeException e) {
                            System.out.println("no TLS");
                        }
                    }
                }
            }

            """
        )
        try Command.shell(
            "mkdir app; javac --release 17 -d classes Main.java; jar --create --file app/main.jar --main-class Main -C classes .",
            directory: place.path
        ).output()
        let start = ["--platform", "linux/amd64", "--entrypoint", #"["/usr/bin/java", "-jar", "/app/main.jar"]"#]
        try RealBases.build([place("app")], on: base, in: place, start + ["--ca", certificates.authority])
        let outcome = try RealBases.run(in: place, arguments: [server.url, stranger.url], isOnNetwork: true)
        #expect(
            outcome.output
                == "nonroot true UTF-8 UTF-8\n2021-07-01T14:00+02:00[Europe/Paris]\ntrue\nTLS\nno TLS\n",
            "\(outcome.errors)"
        )
    }
}
