import Glibc
import TestSupport

/// An HTTPS server on this machine whose certificate an authority of its own has signed.
struct TLSServer {
    let url: String
    private let server: RunningCommand

    /// Starts it. The authority's certificate is `ca.pem` in `place`.
    init(in place: TemporaryDirectory) throws {
        // `-days` counts from today: the certificates never lie about.
        let authority = """
            set -e
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 \
              -subj '/CN=Test Authority' -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=127.0.0.1
            printf 'subjectAltName=IP:127.0.0.1\\nextendedKeyUsage=serverAuth\\n' >server.ext
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile server.ext -out server.pem
            """
        try Command.shell(authority, directory: place.path).output()
        let script = """
            import http.server, signal, ssl, sys
            # A test that dies leaves no server behind.
            signal.alarm(600)
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200)
                    self.end_headers()
                def log_message(self, *arguments):
                    pass
            server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("server.pem", "server.key")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            print("port", server.server_port, file=sys.stderr, flush=True)
            server.serve_forever()
            """
        server = try Command(Tool.python, ["-c", script], directory: place.path).start()
        for _ in 0..<500 {
            if let port = try server.errorsSoFar.firstMatch(of: #/port (\d+)\n/#) {
                url = "https://127.0.0.1:\(port.1)/"
                return
            }
            usleep(20_000)
        }
        Self.end(server)
        throw SupportError("the TLS server did not start: \(try server.errorsSoFar)")
    }

    func stop() { Self.end(server) }

    private static func end(_ server: RunningCommand) {
        server.send(SIGKILL)
        _ = try? server.wait()
    }
}
