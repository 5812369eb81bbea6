package import Layers
import OCI

/// Recognises what an application directory is. Each ecosystem has a file of its own beside this one.
package struct Recognition {
    let contents: DirectoryContents
    /// Where the directory is in the image: `/app`.
    let destination: String

    package init(_ entries: [LayerEntry], at destination: EntryPath) {
        contents = DirectoryContents(entries, at: destination)
        self.destination = destination.isRoot ? "" : destination.description
    }

    /// What was recognised, and whether it is known how that is started.
    package enum Result: Hashable, Sendable {
        case application(RecognizedApplication)
        /// It is such an application, and what starts it is not certain: why. Where it is known what would start it,
        /// `entrypoint` is that, and `environment` what it needs.
        case unclear(RecognizedApplication, reason: String, entrypoint: [String]? = nil, environment: [String] = [])
        case unknown

        /// What it is, whether or not it is known what starts it.
        package var application: RecognizedApplication? {
            switch self {
            case .application(let found), .unclear(let found, _, _, _): found
            case .unknown: nil
            }
        }
    }

    /// The first kind whose marks are there: those that say most go first.
    package var result: Result {
        // A servlet container serves it; by itself it starts nothing.
        if isWebArchive { return .unknown }
        if case .application(let result)? = stated { return result }
        let readers: [() -> Result?] = [dotnet, node, java, python, ruby, topClasses, staticSite]
        return readers.lazy.compactMap { $0() }.first ?? .unknown
    }

    /// The directory as an application of `kind`, if the user says so by what is to be started.
    package func application(_ kind: ApplicationKind) -> RecognizedApplication? {
        let reader: (() -> Result?)? =
            switch kind {
            case .node: node
            case .python: python
            case .java: java
            case .dotnet: dotnet
            case .ruby: ruby
            case .staticSite: nil
            }
        if let found = reader?()?.application { return found }
        switch kind {
        case .node: return nodeApplication("`--entrypoint`")
        case .python: return pythonApplication("`--entrypoint`", PythonPackages(in: contents))
        case .java: return javaApplication("`--entrypoint`", [], [])
        case .dotnet, .ruby, .staticSite:
            return RecognizedApplication(
                kind: kind,
                evidence: "`--entrypoint`",
                base: nil,
                interpreter: kind.interpreter
            )
        }
    }

    /// Whether it is an unpacked web archive, which a servlet container serves.
    package var isWebArchive: Bool {
        contents.hasDirectory("WEB-INF") && !contents.hasDirectory("BOOT-INF") && !isExecutableWAR
    }

    private var isExecutableWAR: Bool {
        contents.read("META-INF/MANIFEST.MF").flatMap { JarManifest($0).mainClass } != nil
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
        var application = RecognizedApplication(
            kind: .dotnet,
            evidence: "`\(name)\(suffix)`",
            base: nil,
            interpreter: "dotnet",
            arguments: [place("\(name).dll")]
        )
        guard names.count == 1 else {
            return .unclear(
                application,
                reason: "there are several: " + names.map { "`\($0).dll`" }.joined(separator: ", "),
                entrypoint: ["dotnet", place("\(name).dll")]
            )
        }
        guard let framework = dotnetFramework(name + suffix) else { return .application(application) }
        application.evidence += " asks for \(framework.name) \(framework.version)"
        application.thirdPartyBase = framework.base
        return .application(application)
    }

    private struct Framework {
        let name: String
        let version: String

        /// Microsoft's image that has it.
        var base: String? {
            let version = version.split(separator: ".").prefix(2).joined(separator: ".")
            guard !version.isEmpty else { return nil }
            let repository = name == "Microsoft.AspNetCore.App" ? "aspnet" : "runtime"
            return "mcr.microsoft.com/dotnet/\(repository):\(version)"
        }
    }

    private func dotnetFramework(_ file: String) -> Framework? {
        guard
            let bytes = contents.read(file), let json = try? JSON(parsing: bytes, named: file),
            let options = json["runtimeOptions"]
        else { return nil }
        let all = options["framework"].map { [$0] } ?? options["frameworks"]?.arrayValue ?? []
        // ASP.NET's image has the other runtime, too.
        let framework = all.first { $0["name"]?.stringValue == "Microsoft.AspNetCore.App" } ?? all.last
        guard let name = framework?["name"]?.stringValue, let version = framework?["version"]?.stringValue else {
            return nil
        }
        return Framework(name: name, version: version)
    }

    /// The name of the .NET program that starts by itself: it brings its runtime (`includedFrameworks`).
    ///
    /// .NET, documentation/design-docs/runtimeconfig.json.
    package var selfContained: String? {
        let suffix = ".runtimeconfig.json"
        let names = contents.topFiles.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
        return names.first { name in
            let bytes = contents.read(name + suffix)
            let options = bytes.flatMap { try? JSON(parsing: $0, named: name) }?["runtimeOptions"]
            return options?["includedFrameworks"] != nil && contents.hasFile(name)
        }
    }

    private func ruby() -> Result? {
        guard contents.hasFile("Gemfile") else { return nil }
        guard let script = ["main.rb", "app.rb", "server.rb"].first(where: contents.hasFile) else {
            let application = RecognizedApplication(
                kind: .ruby,
                evidence: "`Gemfile`",
                base: nil,
                interpreter: "ruby",
                dependencies: ["vendor/bundle"].filter(contents.hasDirectory)
            )
            return .unclear(application, reason: "there is a `Gemfile`, and neither `main.rb` nor `app.rb`")
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
