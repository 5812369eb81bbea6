/// How an application directory is divided into layers.
package struct SplitOptions: Hashable, Encodable, Sendable {
    /// What decides where one layer ends and the next begins.
    package enum Rule: Hashable, Encodable, Sendable {
        /// The folders of dependencies that an ecosystem is known for are a layer below the rest.
        case known
        /// Folders of dependencies, large directories and large files are a layer each, and the rest is one.
        case auto
        /// Everything is in one layer.
        case one
    }

    /// The default.
    package var rule = Rule.known
    /// Maximum number of layers of the application.
    package var mostLayers = 10

    /// What `mostLayers` may be: container engines take 127 layers, and the base has some.
    package static let layerCounts = 1...100

    /// The known folders of dependencies apart.
    package init() {}
}
