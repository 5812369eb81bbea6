package import Images
package import OCI

/// Where layers may be taken from that were made before.
package struct ReuseOptions: Hashable, Encodable, Sendable {
    /// The image that the new one follows. Its layers are taken, too, and the automatic division into layers keeps to its.
    package var previous: ImageLocation?
    /// Images whose layers are taken where they are the ones that would be written; `nil` for those that are about to be
    /// replaced by a push.
    package var sources: [ImageLocation]?
    /// Where the record of what the layers were made from is stored, for builds on machines that start empty; `nil` if nowhere.
    package var target: Reference?
    /// Whether it is to be said of each layer why it was taken or written.
    package var explains = false

    /// The images that a push replaces.
    package init() {}
}
