import Layers
import Request

/// The order of an image's layers, the lowest first: what changes least often is lowest, so that it is stored,
/// pushed and pulled once. A layer stands on all that are before it: it may not replace what they hold, but for
/// `runtime`'s files.
enum LayerOrder {
    /// A step adds one layer, or several, or none.
    enum Step: Hashable, CaseIterable {
        /// Certificates, time zones, accounts: the same for all images of one coracle.
        case runtime
        /// What `--add` brings.
        case additions
        /// The list of media types, for programs that ask for it.
        case mediaTypes
        /// What the image's user needs: an account, a home, and directories that it may write.
        case user
        /// What `--add-from` takes of other images, which have other files for each platform.
        case imageAdditions
        /// What others wrote and the application depends on, then the application.
        case application
        /// The loader's list of libraries, which needs to know all others.
        case libraries
    }

    /// The layers that all images of a plan have that stand on the same base.
    static let shared: [Step] = [.runtime, .additions, .mediaTypes, .user]
    /// The layers of one platform's image, on top of the shared ones.
    static let own: [Step] = [.imageAdditions, .application, .libraries]

    /// Layers that overlay file systems take at most.
    static let mostLayers = 127

    /// Layers that the application may have on `count` others. One is left for the list of libraries, which comes on top.
    static func room(above count: Int) -> Int { mostLayers - 1 - count }
}
