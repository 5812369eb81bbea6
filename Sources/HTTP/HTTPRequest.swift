package import Diagnostics

package struct HTTPRequest: Sendable {
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        case upload(any HTTPUpload)
    }

    package var method: Method
    package var url: HTTPURL
    package var headers: HTTPHeaders
    package var body: Body

    package init(_ method: Method, _ url: HTTPURL, headers: HTTPHeaders = HTTPHeaders(), body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// A body that is read while it is sent. Its size is known before, and it is never in memory as a whole.
package protocol HTTPUpload: Sendable {
    /// Size of the body, in bytes.
    var size: Int64 { get }

    /// The `count` bytes from `offset` on. They are asked for in order, from 0, and a few hundred kilobytes at a time;
    /// for a request that is sent again, from 0 again.
    func read(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]
}
