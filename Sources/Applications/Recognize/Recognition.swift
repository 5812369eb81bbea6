package import Layers

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
