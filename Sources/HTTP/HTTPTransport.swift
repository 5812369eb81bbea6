/// Carries one request to a server and its answer back. It follows no redirect, retries nothing, stores no cookie and
/// adds no credential: that is up to the caller.
package protocol HTTPTransport: Sendable {
    /// Returns when status and header fields have arrived; the body is read from the response.
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse
}
