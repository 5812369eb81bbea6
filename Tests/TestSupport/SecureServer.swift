/// An HTTPS server on this machine, a Python process; it answers with the port that its client came from.
package struct SecureServer: Sendable {
    package let port: Int
    private let process: ServerProcess

    /// - Parameter options: Python that changes `context`, its TLS settings.
    package init(certificate: String, key: String, options: String = "pass") throws {
        let script = """
            import http.server, ssl, sys
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
        process = try ServerProcess(Tool.python, ["-c", script, certificate, key])
        port = try process.number(in: #/port (\d+)\n/#)
    }

    /// One whose certificate is good.
    package init(_ certificates: TestCertificates) throws {
        let (certificate, key) = certificates.server()
        try self.init(certificate: certificate, key: key)
    }

    /// The address that its certificate is for.
    package var url: String { "https://127.0.0.1:\(port)/" }

    package func stop() { process.stop() }
}
