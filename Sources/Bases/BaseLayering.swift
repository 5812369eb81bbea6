/// How many layers a base has.
package enum BaseLayering: Hashable, Sendable {
    /// One for each package, which bases share, and one for the files that are made from all packages.
    case layerPerPackage
    case oneLayer
}
