package import Diagnostics
import HTTP
import OCI

/// The explanation in a registry's error answer (distribution-spec § Error Codes).
struct RegistryProblem: Sendable {
    /// Largest body of an error that is read, in bytes.
    static let limit = 64 << 10

    /// The error codes, such as `MANIFEST_UNKNOWN`; empty if the registry gives none.
    let codes: [String]
    /// The registry's message, or the beginning of the body if it has no such form; `nil` if the body is empty.
    let words: String?

    init(_ answer: RegistryAnswer) async {
        var body: [UInt8]?
        if answer.call.method != .head, answer.encoding == nil {
            do throws(HTTPFailure) {
                body = try await answer.body.collect(limit: Self.limit)
            } catch {
                body = nil
            }
        }
        self.init(body ?? [], contentType: answer.headers["Content-Type"] ?? "")
    }

    init(_ body: [UInt8], contentType: String) {
        var codes = [String]()
        var words = [String]()
        if let json = try? JSON(parsing: body, named: "the error"), let errors = json["errors"]?.arrayValue {
            for error in errors.prefix(5) {
                if let code = error["code"]?.stringValue { codes.append(Self.shortened(code)) }
                let text = [error["code"]?.stringValue, error["message"]?.stringValue].compactMap(\.self)
                words.append(Self.shortened(text.filter { !$0.isEmpty }.joined(separator: ": ")))
            }
        } else if body.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") || contentType.hasPrefix("text/html") {
            words = body.isEmpty ? [] : ["it sent a web page"]
        } else if !body.isEmpty {
            words = [Self.shortened(String(decoding: body, as: UTF8.self))]
        }
        self.codes = codes
        self.words = words.isEmpty ? nil : words.joined(separator: "; ")
    }

    /// The beginning in one line. A secret is struck out first: cut short it would not be recognised.
    private static func shortened(_ text: String) -> String {
        let line = Secrets.struck(text, from: .remote).unicodeScalars.map { $0.value < 0x20 ? " " : $0 }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: line.prefix(200))
        return String(view) + (line.count > 200 ? "…" : "")
    }

    /// `it answered 404 (MANIFEST_UNKNOWN: manifest unknown)`.
    func reason(_ answer: RegistryAnswer) -> String {
        var reason = "`\(answer.url.origin.place)` answered \(answer.status)" + (words.map { " (\($0))" } ?? "")
        if answer.status == 429 {
            for name in ["RateLimit-Limit", "RateLimit-Remaining", "Retry-After"] {
                if let value = answer.headers[name] { reason += ", \(name): \(Self.shortened(value))" }
            }
        }
        return reason
    }
}

extension RegistryClient {
    /// The error for an answer that its caller cannot use.
    func refusal(_ answer: RegistryAnswer) async throws(Diagnostic) -> Diagnostic {
        try await refusal(answer, RegistryProblem(answer))
    }

    func refusal(_ answer: RegistryAnswer, _ problem: RegistryProblem) async throws(Diagnostic) -> Diagnostic {
        let repository = answer.call.scope.repository
        let reason = problem.reason(answer)
        func diagnostic(_ code: Diagnostic.Code, _ summary: String, _ reason: String, _ hint: String?) -> Diagnostic {
            Diagnostic(code, summary, at: .image(repository.description), because: reason, hint: hint)
        }
        let isRepositoryUnknown = problem.codes.contains("NAME_UNKNOWN")
        switch answer.status {
        case 401, 403:
            let who = try await authorizer.credentialDescription(for: repository)
            return diagnostic(
                answer.status == 401 ? .registryUnauthorized : .registryDenied,
                "`\(repository.registry)` refuses: cannot \(answer.call.purpose)",
                "\(reason); asked as \(who)",
                "log in with `coracle login \(repository.registry) -u NAME` as a user with permission"
            )
        case 404 where isRepositoryUnknown:
            return diagnostic(
                .repositoryNotFound,
                "there is no repository `\(repository)`",
                reason,
                answer.call.scope.actions.contains(.push)
                    ? "some registries require that it is created before the first push"
                    : "check its name; some registries say the same of a repository that you may not see"
            )
        case 404:
            return diagnostic(.registryNotFound, "cannot \(answer.call.purpose)", reason, "check the registry's name")
        case let status where options.retry.statuses.contains(status):
            return diagnostic(.registryUnavailable, "cannot \(answer.call.purpose)", reason, nil)
        default:
            return diagnostic(.registryRefused, "cannot \(answer.call.purpose)", reason, nil)
        }
    }
}

extension Diagnostic.Code {
    package static let registryDenied = Self("registry.denied", .authentication)
    package static let registryUnavailable = Self("registry.unavailable", .network)
    package static let registryRefused = Self("registry.refused", .network)
    package static let registryMalformed = Self("registry.malformed", .network)
    package static let registryNotFound = Self("registry.not-found", .notFound)
    package static let repositoryNotFound = Self("repository.not-found", .notFound)
    package static let manifestNotFound = Self("manifest.not-found", .notFound)
    package static let blobNotFound = Self("blob.not-found", .notFound)
}

extension HTTPURL.Origin {
    /// The host, with its port if it is not the default.
    var place: String { port == scheme.defaultPort ? host : "\(host):\(port)" }
}
