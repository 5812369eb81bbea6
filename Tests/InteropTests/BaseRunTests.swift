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

    @Test("OpenSSL finds the authorities by itself", arguments: ["debian12/base", "debian13/base"])
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

    @Test(
        "an OpenSSL client speaks TLS to a server that an authority of the user's signed, and finds the authority by itself",
        arguments: ["debian12/base", "debian13/base"]
    )
    func tls(base: String) throws {
        let place = try TemporaryDirectory()
        let certificates = try TestCertificates.shared()
        let (server, stranger) = (try SecureServer(certificates), try SecureServer(TestCertificates()))
        defer { [server, stranger].forEach { $0.stop() } }
        let program = try compile(
            """
            #include <openssl/bio.h>
            #include <openssl/ssl.h>
            #include <openssl/x509v3.h>
            #include <stdio.h>
            #include <stdlib.h>
            int main(int count, char **arguments) {
                SSL_CTX *context = SSL_CTX_new(TLS_client_method());
                if (getenv("SSL_CERT_FILE") || !SSL_CTX_set_default_verify_paths(context)) return 1;
                SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
                for (int i = 1; i < count; i++) {
                    BIO *connection = BIO_new_ssl_connect(context);
                    SSL *ssl;
                    BIO_get_ssl(connection, &ssl);
                    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1");
                    BIO_set_conn_hostname(connection, arguments[i]);
                    int isConnected = BIO_do_connect(connection) > 0;
                    printf("%d %s\\n", isConnected, X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
                }
            }
            """,
            libraries: ["-lssl", "-lcrypto"],
            in: place
        )
        try RealBases.build([program], on: base, in: place, ["--ca", certificates.authority])
        let outcome = try RealBases.run(
            in: place,
            arguments: [server, stranger].map { String($0.url.dropFirst("https://".count).dropLast()) },
            without: ["SSL_CERT_FILE"],
            isOnNetwork: true
        )
        #expect(outcome.output == "1 ok\n0 unable to get local issuer certificate\n", "\(outcome.errors)")
    }

    @Test("a library in /usr/local/lib is found", arguments: ["debian12/base-nossl", "debian13/base-nossl:slim"])
    func library(base: String) throws {
        let place = try TemporaryDirectory()
        try place.file("answer.c", "int answer(void) { return 42; }\n")
        try Command.shell(
            "gcc -shared -fPIC -Wl,-soname,libanswer.so.1 -o libanswer.so.1.0 answer.c; ln -s libanswer.so.1.0 libanswer.so",
            directory: place.path
        ).output()
        let program = try compile(
            """
            #include <stdio.h>
            int answer(void);
            int main(void) { printf("%d\\n", answer()); }
            """,
            libraries: ["-L\(place.path)", "-lanswer"],
            in: place
        )
        let library = "\(place("libanswer.so.1.0")):/usr/local/lib/libanswer.so.1.0"
        try RealBases.build([program], on: base, in: place, ["--add", library])
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "42\n", "\(outcome.errors)")
    }

    // MARK: Making

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
