import ByteIO

extension Recognition {
    /// A start script of Gradle or sbt; one archive that says which class it starts; or the classes themselves.
    func java() -> Result? {
        let libraries = ["lib", "libs", "BOOT-INF/lib"].filter { directory in
            contents.hasDirectory(directory) && contents.hasFiles(in: directory, ending: ".jar")
        }
        if let manifest = contents.read("META-INF/MANIFEST.MF") {
            return exploded(JarManifest(manifest), libraries)
        }
        if let script = javaStartScript(libraries) { return script }
        let jars = contents.topFiles.filter { $0.hasSuffix(".jar") }
        guard !jars.isEmpty else {
            if contents.hasDirectory("classes") { return layered() ?? classes(in: "classes", libraries) }
            return libraryArchive(libraries)
        }
        let startable = startableArchives(jars)
        guard startable.count == 1 else {
            let names = (startable.isEmpty ? jars : startable.map(\.name)).prefix(5).map { "`\($0)`" }
                .joined(separator: ", ")
            return .unclear(
                javaApplication("`\(jars[0])`", [], libraries),
                reason: startable.isEmpty
                    ? "no manifest has a `Main-Class`: \(names)" : "several archives can be started: \(names)",
                entrypoint: startable.first.map { ["java", "-jar", place($0.name)] }
            )
        }
        let (name, archive) = startable[0]
        return .application(jarApplication(name, archive, libraries))
    }

    /// One archive as it is; with the libraries beside it, if its manifest does not name them.
    package func jarApplication(
        _ name: String,
        _ archive: JavaArchive,
        _ libraries: [String] = []
    ) -> RecognizedApplication {
        var arguments = ["-jar", place(name)]
        if let main = archive.manifest.mainClass, archive.manifest.startClass == nil,
            archive.manifest.classPath.isEmpty,
            !libraries.isEmpty
        {
            let path = [place(name)] + libraries.map { place("\($0)/*") }
            arguments = ["-cp", path.joined(separator: ":"), main]
        }
        var application = javaApplication("`Main-Class` in `\(name)`", arguments, libraries)
        application.classes = archive.version.map { ClassVersion(number: $0, file: name) }
        let elsewhere = archive.manifest.classPath.filter { $0.hasPrefix("/") }
        if let first = elsewhere.first {
            let others = elsewhere.count > 1 ? " and \(elsewhere.count - 1) more" : ""
            application.passedOver.append(
                "`Class-Path` of `\(name)` names `\(first)`\(others), which only a base or `--add` can bring"
            )
        }
        application.problem = .absent(
            archive.manifest.libraries.filter { !contents.hasFile($0) },
            of: name,
            at: place(name)
        )
        return application
    }

    func javaApplication(_ evidence: String, _ arguments: [String], _ libraries: [String]) -> RecognizedApplication {
        RecognizedApplication(
            kind: .java,
            evidence: evidence,
            base: ApplicationKind.java.catalogueBase,
            interpreter: "java",
            arguments: arguments,
            dependencies: libraries
        )
    }

    private func startableArchives(_ names: [String]) -> [(name: String, archive: JavaArchive)] {
        names.compactMap { jar in
            contents.file(jar).flatMap { JavaArchive($0) }.map { (name: jar, archive: $0) }
        }.filter { $0.archive.manifest.mainClass != nil && !Self.isOriginal($0.name, beside: names) }
    }

    /// Whether it is what maven's shade plug-in made the archive beside it from.
    private static func isOriginal(_ name: String, beside names: [String]) -> Bool {
        let start = "original-"
        return name.hasPrefix(start) && names.contains(String(name.dropFirst(start.count)))
    }

    // MARK: Forms

    /// An archive that was unpacked.
    private func exploded(_ manifest: JarManifest, _ libraries: [String]) -> Result {
        let path = [destination.isEmpty ? "/" : destination] + libraries.map { place("\($0)/*") }
        guard let main = manifest.mainClass else {
            return .unclear(
                javaApplication("`META-INF/MANIFEST.MF`", [], libraries),
                reason: "`META-INF/MANIFEST.MF` has no `Main-Class`",
                entrypoint: ["java", "-cp", path.joined(separator: ":"), "com.example.Main"]
            )
        }
        var application = javaApplication(
            "`Main-Class` of `META-INF/MANIFEST.MF`",
            ["-cp", path.joined(separator: ":"), main],
            libraries
        )
        let file = (manifest.startClass ?? main).classFile
        application.classes =
            ["", "BOOT-INF/classes/", "WEB-INF/classes/"].lazy.compactMap { directory in
                contents.read(directory + file).flatMap { ClassFile($0) }
                    .map { ClassVersion(number: $0.version, file: directory + file) }
            }.first
        return .application(application)
    }

    /// The one archive among the libraries that says which class it starts.
    private func libraryArchive(_ libraries: [String]) -> Result? {
        for directory in libraries where directory != "BOOT-INF/lib" {
            let jars = contents.files(in: directory).filter { $0.hasSuffix(".jar") }
            let startable = startableArchives(jars)
            guard let (name, archive) = startable.first else { continue }
            let path = libraries.map { place("\($0)/*") }.joined(separator: ":")
            let words = { (main: String?) in ["-cp", path, main ?? "com.example.Main"] }
            guard startable.count == 1 else {
                return .unclear(
                    javaApplication("`\(name)`", [], libraries),
                    reason: "several archives of `\(directory)` can be started: "
                        + startable.prefix(5).map { "`\($0.name)`" }.joined(separator: ", "),
                    entrypoint: ["java"] + words(archive.manifest.mainClass)
                )
            }
            var application = javaApplication(
                "`Main-Class` in `\(name)`",
                archive.manifest.startClass == nil ? words(archive.manifest.mainClass) : ["-jar", place(name)],
                libraries
            )
            application.classes = archive.version.map { ClassVersion(number: $0, file: name) }
            return .application(application)
        }
        return nil
    }

    /// What the one script in `bin/` would start, as Gradle's `application` plug-in and sbt's native packager write it.
    ///
    /// The image has no shell for the script: the same `java` line is started without it.
    private func javaStartScript(_ libraries: [String]) -> Result? {
        guard libraries.contains("lib") || isLayered else { return nil }
        let scripts = contents.files(in: "bin").compactMap { name in
            contents.read(name).flatMap { JavaStartScript($0) }.map { (name: name, script: $0) }
        }
        guard let (name, script) = scripts.first else { return nil }
        guard scripts.count == 1 else {
            return .unclear(
                javaApplication("`\(name)`", [], libraries),
                reason: "there are several start scripts: " + scripts.map { "`\($0.name)`" }.joined(separator: ", "),
                entrypoint: javaWords(script)
            )
        }
        var application = javaApplication(
            "the start script `\(name)`",
            Array(javaWords(script).dropFirst()),
            libraries
        )
        application.passedOver.append("options for Java are read from `JAVA_TOOL_OPTIONS`, and not from `JAVA_OPTS`")
        application.passedOver += script.lostOptions.map { "the option `\($0)` of the script needs a shell" }
        application.classes =
            script.classPath.lazy.compactMap { jar in
                contents.file(jar).flatMap { JavaArchive.version(of: script.mainClass, in: $0) }
                    .map { ClassVersion(number: $0, file: jar) }
            }.first
        if isLayered { divide(&application, script.mainClass) }
        return .application(application)
    }

    /// Whether it is laid out by its build so that each part of it changes as often as the others of that part.
    private var isLayered: Bool {
        contents.hasDirectory("classes") && contents.hasFile("resources/META-INF/MANIFEST.MF")
    }

    /// Classes, resources and libraries of an archive whose manifest is among the resources.
    private func layered() -> Result? {
        guard isLayered, let bytes = contents.read("resources/META-INF/MANIFEST.MF"),
            case let manifest = JarManifest(bytes), let main = manifest.startClass ?? manifest.mainClass
        else { return nil }
        let libraries = ["libs", "snapshot-libs"].filter { contents.hasDirectory($0) }
        let path = [place("resources"), place("classes")] + libraries.map { place("\($0)/*") }
        var application = javaApplication(
            "`Main-Class` in `resources/META-INF/MANIFEST.MF`",
            ["-cp", path.joined(separator: ":"), main],
            []
        )
        divide(&application, main)
        return .application(application)
    }

    private func divide(_ application: inout RecognizedApplication, _ main: String) {
        application.dependencies = ["lib", "libs", "snapshot-libs", "resources"].filter { contents.hasDirectory($0) }
        application.isLayered = true
        let file = "classes/\(main.classFile)"
        let version = contents.read(file).flatMap { ClassFile($0)?.version }
        application.classes = version.map { ClassVersion(number: $0, file: file) } ?? application.classes
    }

    private func javaWords(_ script: JavaStartScript) -> [String] {
        let path = script.classPath.map { place($0) }.joined(separator: ":")
        let options = script.options.map { $0.replacing(JavaStartScript.home, with: destination) }
        return ["java"] + options + ["-cp", path, script.mainClass]
    }
}
