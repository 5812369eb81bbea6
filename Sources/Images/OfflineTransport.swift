import HTTP

/// Opens no connection: what is asked of it should not have been.
struct OfflineTransport: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        throw HTTPFailure(
            .cancelled,
            "`--offline` forbids asking \(request.url.origin.host)",
            hint: "leave out `--offline`"
        )
    }
}
