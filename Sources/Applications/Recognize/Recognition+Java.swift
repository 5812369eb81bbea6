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
        guard !jars.isEmpty else { return classes(libraries) }
        let archives = jars.compactMap { jar in
            contents.file(jar).flatMap { JavaArchive($0) }.map { (name: jar, archive: $0) }
        }
        let startable = archives.filter { $0.archive.manifest.mainClass != nil }
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

    /// One archive as it is.
    package func jarApplication(_ name: String, _ archive: JavaArchive, _ libraries: [String] = [])
        -> RecognizedApplication
    {
        var application = javaApplication("`Main-Class` in `\(name)`", ["-jar", place(name)], libraries)
        application.problem = newerJava(archive.version, name)
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
        let file = (manifest.startClass ?? main).replacing(".", with: "/") + ".class"
        let version = ["", "BOOT-INF/classes/", "WEB-INF/classes/"].lazy
            .compactMap { contents.read($0 + file).flatMap { ClassFile($0) } }.first?.version
        application.problem = newerJava(version, "\(file)")
        return .application(application)
    }

    /// `classes/` beside its libraries, as build tools leave them.
    private func classes(_ libraries: [String]) -> Result? {
        guard contents.hasDirectory("classes"), !libraries.isEmpty else { return nil }
        let path = ([place("classes")] + libraries.map { place("\($0)/*") }).joined(separator: ":")
        return .unclear(
            javaApplication("`classes`", [], libraries),
            reason: "nothing says which class of `classes` is started",
            entrypoint: ["java", "-cp", path, "com.example.Main"]
        )
    }

    /// What the one script in `bin/` would start, as Gradle's `application` plug-in and sbt's native packager write it.
    ///
    /// The image has no shell for the script: the same `java` line is started without it.
    private func javaStartScript(_ libraries: [String]) -> Result? {
        guard libraries.contains("lib") else { return nil }
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
        return .application(
            javaApplication("the start script `\(name)`", Array(javaWords(script).dropFirst()), libraries)
        )
    }

    private func javaWords(_ script: JavaStartScript) -> [String] {
        let path = script.classPath.map { place($0) }.joined(separator: ":")
        return ["java"] + script.options + ["-cp", path, script.mainClass]
    }

    // MARK: Versions

    /// Class files that the base's Java does not read.
    private func newerJava(_ version: Int?, _ file: String) -> RecognizedApplication.Problem? {
        guard let version, version > ApplicationKind.catalogueJava else { return nil }
        return RecognizedApplication.Problem(
            summary: "`\(file)` needs Java \(version), and the base has Java \(ApplicationKind.catalogueJava)",
            reason: "its main class was compiled for Java \(version)",
            hint: "compile it with `--release \(ApplicationKind.catalogueJava)`, or name a base that has a newer Java, "
                + "such as `--base docker.io/library/eclipse-temurin:\(version)-jre`"
        )
    }
}

/// What a start script runs: the main class, where its classes are, and options for Java.
struct JavaStartScript: Hashable {
    let mainClass: String
    /// Relative to the distribution.
    let classPath: [String]
    let options: [String]

    /// `nil` if it is not a script of Gradle's `application` plug-in, or of sbt's native packager.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " || $0 == "\t" } }
        guard lines.first?.hasPrefix("#!") ?? false else { return nil }
        func value(_ names: String...) -> Substring? {
            names.lazy.compactMap { name in lines.first { $0.hasPrefix(name) }?.dropFirst(name.count) }.first
        }
        if let main = value("declare -r app_mainclass=", "app_mainclass="),
            let path = value("declare -r app_classpath=", "app_classpath=")
        {
            let words = main.filter { !"()\"'".contains($0) }
            guard let name = words.split(separator: " ").last, name.isClassName else { return nil }
            mainClass = String(name)
            classPath = Self.path(path, home: "$lib_dir", in: "lib")
            options = []
        } else if let path = value("CLASSPATH="), path.contains("$APP_HOME") {
            guard let main = Self.gradleMainClass(lines) else { return nil }
            mainClass = main
            classPath = Self.path(path, home: "$APP_HOME", in: "")
            // It is quoted twice: once for the script, once for `xargs`.
            let text = value("DEFAULT_JVM_OPTS=")?.filter { !"'\"\\".contains($0) } ?? ""
            let words = text.split(separator: " ").map(String.init)
            options = words.contains { $0.contains("$") } ? [] : words
        } else {
            return nil
        }
        guard !classPath.isEmpty else { return nil }
    }

    private static func path(_ text: Substring, home: String, in directory: String) -> [String] {
        text.filter { !"\"'".contains($0) }.split(separator: ":").compactMap { part in
            guard part.hasPrefix("\(home)/") else { return nil }
            let name = part.dropFirst(home.count + 1)
            guard !name.contains("$"), !name.split(separator: "/").contains("..") else { return nil }
            return directory.isEmpty ? String(name) : "\(directory)/\(name)"
        }
    }

    /// The word behind `-classpath "$CLASSPATH"`, on the same line or, between backslashes, on the next.
    private static func gradleMainClass(_ lines: [Substring]) -> String? {
        let words = lines.flatMap { $0.split(separator: " ").filter { $0 != "\\" } }
        for (index, word) in words.enumerated() where word == "-classpath" && index + 2 < words.count {
            let name = words[index + 2].filter { !"\"'".contains($0) }
            if name[...].isClassName { return name }
        }
        return nil
    }
}

extension Substring {
    /// Whether it is a dotted name of a class.
    fileprivate var isClassName: Bool {
        !isEmpty && !hasPrefix(".") && allSatisfy { $0 == "." || $0 == "_" || $0 == "$" || $0.isLetter || $0.isNumber }
            && !hasPrefix("$")
    }
}
