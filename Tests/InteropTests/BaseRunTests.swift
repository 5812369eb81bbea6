import Glibc
import TestSupport
import Testing

/// Programs that were compiled on this machine, in containers of images on bases from this machine's mirror.
@Suite(
    "What runs on a base from packages",
    .serialized,
    .enabled(if: geteuid() == 0, "only root starts containers of other users")
)
struct BaseRunTests {
    @Test("a C program finds its user, a time zone and a service", arguments: ["debian12/base", "debian13/base-nossl"])
    func c(base: String) throws {
        let place = try TemporaryDirectory()
        let program = try compile(
            """
            #include <netdb.h>
            #include <pwd.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <time.h>
            #include <unistd.h>
            int main(void) {
                struct passwd *user = getpwuid(getuid());
                struct servent *service = getservbyname("https", "tcp");
                time_t noon = 1625140800;
                setenv("TZ", "Europe/Paris", 1);
                printf("%s %s\\n", user ? user->pw_name : "nobody", user ? user->pw_dir : "nowhere");
                printf("%d\\n", service ? service->s_port >> 8 | (service->s_port & 255) << 8 : 0);
                printf("%s", ctime(&noon));
            }
            """,
            in: place
        )
        try RealBases.build([program], on: base, in: place)
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "nonroot /home/nonroot\n443\nThu Jul  1 14:00:00 2021\n", "\(outcome.errors)")
    }

    @Test("a C++ program runs on `cc`", arguments: ["debian12/cc", "debian13/cc", "debian13/cc:slim"])
    func cc(base: String) throws {
        let place = try TemporaryDirectory()
        let program = try compile(
            """
            #include <iostream>
            #include <map>
            #include <stdexcept>
            int main() {
                std::map<std::string, int> words{{"one", 1}, {"two", 2}};
                try { words.at("three"); } catch (const std::out_of_range &) { std::cout << "caught\\n"; }
                int sum = 0;
                #pragma omp parallel for reduction(+ : sum)
                for (int i = 1; i <= 100; i++) sum += i;
                std::cout << sum << std::endl;
            }
            """,
            with: ["g++", "-fopenmp", "-x", "c++"],
            in: place
        )
        try RealBases.build([program], on: base, in: place)
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "caught\n5050\n", "\(outcome.errors)")
    }

    @Test("OpenSSL finds the authorities without being told where", arguments: ["debian12/base", "debian13/base"])
    func authorities(base: String) throws {
        let place = try TemporaryDirectory()
        let program = try compile(
            """
            #include <openssl/ssl.h>
            #include <stdio.h>
            #include <stdlib.h>
            int main(void) {
                SSL_CTX *context = SSL_CTX_new(TLS_client_method());
                if (getenv("SSL_CERT_FILE") || !SSL_CTX_set_default_verify_paths(context)) return 1;
                X509_STORE *store = SSL_CTX_get_cert_store(context);
                int count = sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
                printf("%s\\n", count > 100 ? "more than 100" : "too few");
            }
            """,
            libraries: ["-lssl", "-lcrypto"],
            in: place
        )
        try RealBases.build([program], on: base, in: place)
        let outcome = try RealBases.run(in: place, without: ["SSL_CERT_FILE"])
        #expect(outcome.output == "more than 100\n", "\(outcome.errors)")
    }

    @Test("Python has its libraries", arguments: ["debian12/python3", "debian13/python3"])
    func python(base: String) throws {
        let place = try TemporaryDirectory()
        try place.file(
            "app/main.py",
            """
            import bz2, ctypes, datetime, decimal, hashlib, lzma, os, pwd, sqlite3, ssl, sys, uuid, zlib, zoneinfo
            print(pwd.getpwuid(os.getuid()).pw_name, sys.getfilesystemencoding(), len(ssl.create_default_context().get_ca_certs()) > 100)
            print(sqlite3.connect(":memory:").execute("select 6 * 7").fetchone())
            print(datetime.datetime(2021, 7, 1, 12, tzinfo=datetime.timezone.utc).astimezone(zoneinfo.ZoneInfo("Europe/Paris")))

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
            outcome.output == "nonroot utf-8 True\n(42,)\n2021-07-01 14:00:00+02:00\n",
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

    @Test("`:debug` starts a shell", arguments: ["debian12/static:debug", "debian13/base:debug"])
    func debug(base: String) throws {
        let place = try TemporaryDirectory()
        try build(base, in: place)
        try RealBases.unpack("base", in: place)
        let outcome = try RealBases.run(in: place, arguments: ["-c", "id -u; ls /busybox/sh; cat /etc/debian_version"])
        #expect(outcome.output.hasPrefix("65532\n/busybox/sh\n1"), "\(outcome.errors)")
    }

    @Test(
        "the C library for arm64 runs on an arm64 machine, here an emulated one",
        arguments: ["debian12", "debian13"]
    )
    func arm(suite: String) throws {
        let place = try TemporaryDirectory()
        try build("\(suite)/base", in: place)
        try RealBases.unpack("base", for: "arm64", in: place)
        let root = place("bundle/rootfs")
        // Started as a program, it says who it is.
        let output = try Command(
            "qemu-aarch64",
            ["-L", root, "\(root)/lib/aarch64-linux-gnu/libc.so.6"]
        ).output()
        #expect(output.hasPrefix("GNU C Library (Debian GLIBC 2."), "\(output)")
    }

    @Test("the same lock has the same digest twice, the second time without a network and without its layers")
    func reproducible() throws {
        let place = try TemporaryDirectory()
        let first = try build("debian13/cc", in: place)
        // What was derived from the packages is made again.
        try Command.shell(
            #"mkdir "$2" && cp -R "$1/blobs" "$1/version" "$2" && chmod 700 "$2""#,
            ["\(RealBases.folder)/cache", place("cache")]
        ).output()
        let second = try RealBases.coracle(
            ["base", "build", "debian13/cc", "-o", "again", "--offline", "--cache-dir", place("cache")]
                + ["--bases", try RealBases.locked()],
            in: place
        ).output()
        #expect(first == second)
        try Built.coracle(["validate", place("again")]).output()
    }

    // MARK: Making

    @discardableResult
    private func build(_ base: String, in place: TemporaryDirectory) throws -> String {
        try RealBases.coracle(
            ["base", "build", base, "-o", "base", "--bases", try RealBases.locked()],
            in: place
        ).output()
    }

    private func compile(
        _ source: String,
        with compiler: [String] = ["gcc", "-x", "c"],
        libraries: [String] = [],
        in place: TemporaryDirectory
    ) throws -> String {
        let file = try place.file("source", source)
        let options = compiler.dropFirst() + ["-O1", "-o", place("program"), file] + libraries
        try Command(compiler[0], Array(options)).output()
        return place("program")
    }
}
