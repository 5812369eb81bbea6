package import ByteIO

/// A file that can hold credentials, whether it exists or not.
package struct CredentialPlace: Hashable, Sendable {
    package let path: FilePath
    /// The path for messages, with `~` for the home directory.
    package let shown: String

    init(_ path: String, home: String?) {
        self.path = FilePath(path)
        if let home, !home.isEmpty, path.hasPrefix(home + "/") {
            shown = "~" + path.dropFirst(home.count)
        } else {
            shown = path
        }
    }

    /// The files to look in, in order: those that variables name, then the defaults of docker and podman.
    ///
    /// `REGISTRY_AUTH_FILE` is set on purpose, so it comes before a `~/.docker/config.json` that happens to exist; it also
    /// comes before `DOCKER_CONFIG`, because a login is stored there, too.
    static func all(_ environment: [String: String]) -> [CredentialPlace] {
        let variables = environment.filter { !$0.value.isEmpty }
        let home = variables["HOME"].map(withoutSlashes)
        var paths = [String]()
        if let file = variables["REGISTRY_AUTH_FILE"] { paths.append(file) }
        if let directory = variables["DOCKER_CONFIG"] { paths.append(withoutSlashes(directory) + "/config.json") }
        if variables["DOCKER_CONFIG"] == nil, let home { paths.append(home + "/.docker/config.json") }
        if let directory = variables["XDG_RUNTIME_DIR"] {
            paths.append(withoutSlashes(directory) + "/containers/auth.json")
        }
        if let directory = variables["XDG_CONFIG_HOME"] ?? home.map({ $0 + "/.config" }) {
            paths.append(withoutSlashes(directory) + "/containers/auth.json")
        }
        var places = [CredentialPlace]()
        for path in paths {
            let place = CredentialPlace(path, home: home)
            if !places.contains(place) { places.append(place) }
        }
        return places
    }

    /// The file for a login: the one that `REGISTRY_AUTH_FILE` names, else docker's; `nil` if no variable says where that is.
    static func forLogin(_ environment: [String: String]) -> CredentialPlace? {
        let variables = environment.filter { !$0.value.isEmpty }
        let home = variables["HOME"].map(withoutSlashes)
        let path =
            variables["REGISTRY_AUTH_FILE"]
            ?? variables["DOCKER_CONFIG"].map { withoutSlashes($0) + "/config.json" }
            ?? home.map { $0 + "/.docker/config.json" }
        return path.map { CredentialPlace($0, home: home) }
    }

    private static func withoutSlashes(_ path: String) -> String {
        var path = path[...]
        while path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }
}
