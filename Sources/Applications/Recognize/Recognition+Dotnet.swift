import OCI

extension Recognition {
    /// Published .NET: `NAME.runtimeconfig.json` beside `NAME.dll`.
    func dotnet() -> Result? {
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
}
