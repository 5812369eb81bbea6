import TestSupport

/// The command skopeo, without what the person who runs the tests has configured.
enum Skopeo {
    /// Runs it and returns what it prints. `credentials` live as long as the command.
    @discardableResult
    static func run(_ arguments: [String], _ credentials: DockerConfiguration? = nil) throws -> String {
        let credentials = try credentials ?? DockerConfiguration()
        return try withExtendedLifetime(credentials) {
            var environment = credentials.environment
            environment["REGISTRY_AUTH_FILE"] = credentials.path
            return try Command("skopeo", arguments, environment: environment, timeLimit: 120).output()
        }
    }
}
