package import Layers

/// A package of Debian that an image has, as its records say.
package struct DebianPackage: Hashable, Sendable {
    package let name: String
    /// With epoch and revision, such as `1:1.3.dfsg-1`.
    package let version: String
    /// Such as `amd64`, or `all`; `nil` if it is not recorded.
    package let architecture: String?
    /// The source package that it was built from. Debian's security data is by its name.
    package let source: String
    package let sourceVersion: String
    /// As `Name <address>`; `nil` if it is not recorded.
    package let maintainer: String?
    package let homepage: String?
    /// Names of the packages that it needs, alternatives among them, without versions.
    package let dependencies: [String]
    /// The file of the image with the record.
    package let record: EntryPath
}
