/// Carries one request to a server and its answer back. It follows no redirect, retries nothing, keeps no cookie, and
/// adds no credential: all that is the caller's.
package protocol HTTPTransport: Sendable {
    /// Returns when status and header fields are there; the body is read from the response.
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse
}
