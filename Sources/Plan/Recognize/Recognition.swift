import Layers
import OCI

/// Recognises what an application directory is. Each ecosystem has a file of its own beside this one.
package struct Recognition {
    let contents: DirectoryContents
    /// Where the directory is in the image: `/app`.
    let destination: String

    init(_ entries: [LayerEntry], at destination: EntryPath) {
        contents = DirectoryContents(entries, at: destination)
        self.destination = destination.isRoot ? "" : destination.description
    }

    /// What was recognised, and whether it is known how that is started.
    package enum Result: Hashable, Sendable {
        case application(RecognizedApplication)
        /// It is an application of that kind, and what starts it is not to be seen: why.
        case unclear(ApplicationKind, reason: String)
        case unknown
    }

    /// The first kind whose marks are there: those that say most go first.
    var result: Result {
        let readers: [() -> Result?] = [dotnet, node, java, python, ruby, staticSite]
        return readers.lazy.compactMap { $0() }.first ?? .unknown
    }

    func place(_ name: String) -> String { "\(destination)/\(name)" }
}

extension Recognition {
    /// Published .NET: `NAME.runtimeconfig.json` beside `NAME.dll`.
    private func dotnet() -> Result? {
        let suffix = ".runtimeconfig.json"
        let names = contents.topFiles.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
            .filter { contents.hasFile("\($0).dll") }
        guard let name = names.first else { return nil }
        guard names.count == 1 else {
            return .unclear(
                .dotnet,
                reason: "there are several: " + names.map { "`\($0).dll`" }.joined(separator: ", ")
            )
        }
        return .application(
            RecognizedApplication(
                kind: .dotnet,
                evidence: "`\(name)\(suffix)`" + (dotnetFramework(name + suffix).map { " asks for \($0)" } ?? ""),
                base: nil,
                interpreter: "dotnet",
                arguments: [place("\(name).dll")]
            )
        )
    }

    private func dotnetFramework(_ file: String) -> String? {
        guard
            let bytes = contents.read(file), let json = try? JSON(parsing: bytes, named: file),
            let options = json["runtimeOptions"],
            let framework = options["framework"] ?? options["frameworks"]?.arrayValue?.last,
            let name = framework["name"]?.stringValue, let version = framework["version"]?.stringValue
        else { return nil }
        return "\(name) \(version)"
    }

    private func ruby() -> Result? {
        guard contents.hasFile("Gemfile") else { return nil }
        guard let script = ["main.rb", "app.rb", "server.rb"].first(where: contents.hasFile) else {
            return .unclear(.ruby, reason: "there is a `Gemfile`, and neither `main.rb` nor `app.rb`")
        }
        return .application(
            RecognizedApplication(
                kind: .ruby,
                evidence: "`Gemfile` and `\(script)`",
                base: nil,
                interpreter: "ruby",
                arguments: [place(script)],
                dependencies: ["vendor/bundle"].filter(contents.hasDirectory)
            )
        )
    }

    /// Nothing but what a browser asks for: busybox serves it.
    private func staticSite() -> Result? {
        guard contents.hasFile("index.html") else { return nil }
        return .application(
            RecognizedApplication(
                kind: .staticSite,
                evidence: "`index.html`",
                base: ApplicationKind.staticSite.catalogueBase,
                interpreter: "/busybox/busybox",
                arguments: ["httpd", "-f", "-p", "8080", "-h", destination.isEmpty ? "/" : destination],
                ports: ["8080/tcp"]
            )
        )
    }
}
