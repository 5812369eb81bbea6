import Glibc
import TestSupport

/// An HTTPS server on this machine, a Python process; it answers with the port that its client came from.
struct SecureServer {
    let port: Int
    private let process: RunningCommand

    /// - Parameters:
    ///   - options: Python that changes `context`, its TLS settings.
    init(certificate: String, key: String, options: String = "pass") throws {
        let script = """
            import http.server, signal, ssl, sys
            # A test that dies leaves no server behind.
            signal.alarm(60)
            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def do_GET(self):
                    body = str(self.client_address[1]).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                def log_message(self, *arguments):
                    pass
            class Server(http.server.ThreadingHTTPServer):
                def handle_error(self, request, address):
                    pass
                def finish_request(self, request, address):
                    request.settimeout(20)
                    super().finish_request(context.wrap_socket(request, server_side=True), address)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            \(options)
            server = Server(("127.0.0.1", 0), Handler)
            print("port", server.server_port, file=sys.stderr, flush=True)
            server.serve_forever()
            """
        process = try Command(Tool.python, ["-c", script, certificate, key]).start()
        for _ in 0..<500 {
            let words = try process.errorsSoFar.split(separator: "\n", omittingEmptySubsequences: false)
            // The last is what is not yet a line.
            if let line = words.dropLast().first(where: { $0.hasPrefix("port ") }), let number = Int(line.dropFirst(5))
            {
                port = number
                return
            }
            usleep(20_000)
        }
        Self.end(process)
        throw SupportError("the server did not start: \(try process.errorsSoFar)")
    }

    func stop() { Self.end(process) }

    private static func end(_ process: RunningCommand) {
        process.send(SIGKILL)
        _ = try? process.wait()
    }
}
