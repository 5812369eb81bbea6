extension Recognition {
    /// One archive that says which class it starts, or the classes themselves beside their manifest.
    func java() -> Result? {
        let libraries = ["lib", "libs", "BOOT-INF/lib"].filter { directory in
            contents.hasDirectory(directory) && contents.hasFiles(in: directory, ending: ".jar")
        }
        if let manifest = contents.read("META-INF/MANIFEST.MF") {
            guard let main = JarManifest(manifest).mainClass else {
                return .unclear(.java, reason: "`META-INF/MANIFEST.MF` has no `Main-Class`")
            }
            let path = [destination.isEmpty ? "/" : destination] + libraries.map { place("\($0)/*") }
            return application(
                "`Main-Class` of `META-INF/MANIFEST.MF`",
                ["-cp", path.joined(separator: ":"), main],
                libraries
            )
        }
        let jars = contents.topFiles.filter { $0.hasSuffix(".jar") }
        guard !jars.isEmpty else { return nil }
        let startable = jars.filter { jar in
            contents.file(jar).flatMap(JarManifest.init(ofJarAt:))?.mainClass != nil
        }
        guard startable.count == 1 else {
            let names = (startable.isEmpty ? jars : startable).prefix(5).map { "`\($0)`" }.joined(separator: ", ")
            return .unclear(
                .java,
                reason: startable.isEmpty
                    ? "no manifest has a `Main-Class`: \(names)" : "several archives can be started: \(names)"
            )
        }
        return application("`Main-Class` in `\(startable[0])`", ["-jar", place(startable[0])], libraries)
    }

    private func application(_ evidence: String, _ arguments: [String], _ libraries: [String]) -> Result {
        .application(
            RecognizedApplication(
                kind: .java,
                evidence: evidence,
                base: ApplicationKind.java.catalogueBase,
                interpreter: "java",
                arguments: arguments,
                dependencies: libraries
            )
        )
    }
}
