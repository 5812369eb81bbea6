/// What a `ScriptedServer` does after it has read a request.
package struct ScriptedAnswer: Sendable {
    /// One thing done to the connection.
    package enum Step: Sendable {
        /// Sends bytes, whatever they are.
        case bytes([UInt8])

        /// Sends bytes, except to `HEAD`.
        case body([UInt8])

        /// Does nothing for a while.
        case pause(Duration)

        /// Sends one byte, waits, sends the next.
        case drip([UInt8], every: Duration)

        /// Ends the connection with an RST.
        case reset

        /// Ends the connection with a FIN, and reads on until the client does the same.
        case close

        /// Sends a FIN, and goes on with the next step or request.
        case halfClose

        /// Connects to `port` of this machine and relays bytes both ways until both have ended: what a proxy does.
        case tunnel(port: Int)
    }

    /// Done in order. After the last one the next request is read, unless the connection was ended.
    package var steps: [Step]

    package init(_ steps: [Step]) { self.steps = steps }

    /// A whole response. `Content-Length` is added unless `headers` have it or say `Transfer-Encoding`.
    package static func response(
        _ status: Int,
        _ headers: [(String, String)] = [],
        _ body: [UInt8] = []
    ) -> ScriptedAnswer {
        ScriptedAnswer([.bytes(head(status, headers, length: body.count)), .body(body)])
    }

    /// A whole response with text.
    package static func response(_ status: Int, _ headers: [(String, String)] = [], _ body: String) -> ScriptedAnswer {
        response(status, headers, Array(body.utf8))
    }

    /// A response whose body ends after `count` bytes, followed by `end`; `Content-Length` promises all of it.
    package static func truncated(
        _ status: Int,
        _ headers: [(String, String)] = [],
        _ body: [UInt8],
        after count: Int,
        then end: Step
    ) -> ScriptedAnswer {
        // The pause lets the bytes arrive: an RST would overtake them.
        ScriptedAnswer([
            .bytes(head(status, headers, length: body.count)), .body(Array(body.prefix(count))),
            .pause(.milliseconds(50)), end,
        ])
    }

    /// The status line and headers with the empty line behind them.
    package static func head(_ status: Int, _ headers: [(String, String)] = [], length: Int? = nil) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status) \(reason(status))"] + headers.map { "\($0.0): \($0.1)" }
        let frames = ["content-length", "transfer-encoding"]
        let isFramed = headers.contains { frames.contains($0.0.lowercased()) }
        // RFC 9110 § 8.6: neither has a body, nor a length.
        if let length, !isFramed, status != 204, status >= 200 { lines.append("Content-Length: \(length)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200..<300: "Fine"
        case 300..<400: "Elsewhere"
        case 400..<500: "Refused"
        default: "Failed"
        }
    }
}

extension ScriptedAnswer {
    /// The bytes of its bodies.
    package var body: [UInt8] {
        steps.flatMap { step in
            guard case .body(let bytes) = step else { return [UInt8]() }
            return bytes
        }
    }

    /// The same with another body; the head stays, and its length.
    package func replacingBody(_ change: ([UInt8]) -> some Sequence<UInt8>) -> ScriptedAnswer {
        ScriptedAnswer(
            steps.map { step in
                guard case .body(let bytes) = step else { return step }
                return .body(Array(change(bytes)))
            }
        )
    }

    /// The same with a head in which what matches the regular expression `pattern` is replaced.
    package func replacingHead(_ pattern: String, _ replacement: String) -> ScriptedAnswer {
        ScriptedAnswer(
            steps.map { step in
                guard case .bytes(let bytes) = step, let regex = try? Regex(pattern) else { return step }
                return .bytes(Array(String(decoding: bytes, as: UTF8.self).replacing(regex, with: replacement).utf8))
            }
        )
    }
}
