/// A web application that a Python script defines at its top, and does not start.
struct PythonWebApplication: Hashable {
    /// The variable's name.
    let name: String
    /// Whether it is for servers of ASGI, and not of WSGI.
    let isAsynchronous: Bool

    private static let asynchronous = ["FastAPI", "Starlette", "Quart", "Litestar"]
    private static let synchronous = ["Flask"]
    /// What scripts that start something by themselves have in them.
    private static let starts = ["__main__", ".run(", "serve(", "run_app(", "serve_forever("]

    /// `nil` if the script starts something itself, or defines no such application.
    init?(_ script: [UInt8]) {
        let text = String(decoding: script, as: UTF8.self)
        guard !Self.starts.contains(where: text.contains) else { return nil }
        for line in text.split(whereSeparator: \.isNewline) {
            // What is indented is inside of something.
            guard let equals = line.firstIndex(of: "="), let first = line.first, first.isLetter || first == "_" else {
                continue
            }
            let name = line[..<equals].prefix { $0 != ":" }.filter { $0 != " " }
            guard name[...].isPythonName, !name.contains(".") else { continue }
            let value = line[line.index(after: equals)...].filter { $0 != " " }
            let call = value.prefix { $0 != "(" }.split(separator: ".").last.map(String.init) ?? ""
            guard value.contains("(") else { continue }
            if Self.asynchronous.contains(call) || Self.synchronous.contains(call) {
                self.name = name
                isAsynchronous = Self.asynchronous.contains(call)
                return
            }
        }
        return nil
    }
}
