/// Maven's usual plugins, from Debian's packages: they are a repository that needs no network.
package enum MavenRepository {
    private static let folder = "/usr/share/maven-repo"

    /// Whether Maven and the plugins are on this machine.
    package static var isThere: Bool {
        exists("\(folder)/org/apache/maven/plugins/maven-dependency-plugin") && (try? Tool.path(of: "mvn")) != nil
    }

    /// Writes settings that know nothing else into `place`.
    ///
    /// - Returns: the variables that have Maven read them.
    package static func variables(in place: TemporaryDirectory) throws -> [String: String] {
        try place.file(
            "maven/.m2/settings.xml",
            """
            <settings>
              <localRepository>\(place("maven/repository"))</localRepository>
              <mirrors><mirror>
                <id>debian</id><mirrorOf>*</mirrorOf><url>file://\(folder)</url>
              </mirror></mirrors>
            </settings>

            """
        )
        return ["MAVEN_OPTS": "-Duser.home=\(place("maven"))"]
    }
}
