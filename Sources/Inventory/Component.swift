import Glibc
package import Layers
package import OCI

/// A package that an image has in it: installed, or compiled into a program.
package struct Component: Hashable, Sendable {
    /// How it got into the image.
    package enum Role: Hashable, Sendable {
        /// A package of the distribution, which its scanners know by the source package.
        case system
        /// A package that stands in the image as files.
        case installed
        /// Code of it is in a program.
        case compiled
        /// What a program was made of itself.
        case mainModule
        /// Data that coracle puts into images itself.
        case data
    }

    /// Who gives it out, as far as its records say.
    package enum Supplier: Hashable, Sendable {
        case organization(String)
        case person(String)
    }

    package enum Licence: Hashable, Sendable {
        /// In the words of SPDX, annex D: `MIT OR Apache-2.0`.
        case expression(String)
        /// In the package's own words.
        case named(String)
    }

    /// The source package that a distribution's package was built from.
    package struct Source: Hashable, Sendable {
        package let name: String
        package let version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// The package that it stands in for, as a fork does.
    package struct Ancestor: Hashable, Sendable {
        package let name: String
        package let version: String
        package let url: PackageURL
    }

    /// A hash of the package as it is given out; never one over other bytes, such as Go's `h1:`.
    package struct Hash: Hashable, Comparable, Sendable {
        package enum Algorithm: Int, Hashable, Sendable {
            case sha1 = 1
            case sha256 = 256
            case sha384 = 384
            case sha512 = 512
        }

        package let algorithm: Algorithm
        /// In lower case.
        package let hex: String

        package init(_ algorithm: Algorithm, _ hex: String) {
            self.algorithm = algorithm
            self.hex = hex.lowercased()
        }

        package static func < (left: Hash, right: Hash) -> Bool {
            (left.algorithm.rawValue, left.hex) < (right.algorithm.rawValue, right.hex)
        }
    }

    /// A place where it was found.
    package struct Occurrence: Hashable, Comparable, Sendable {
        package let path: EntryPath
        /// The layer with the file; `nil` if it is not known.
        package let layer: DiffID?

        package init(_ path: EntryPath, in layer: DiffID?) {
            self.path = path
            self.layer = layer
        }

        package static func < (left: Occurrence, right: Occurrence) -> Bool {
            if left.path != right.path { return left.path < right.path }
            return (left.layer?.description ?? "") < (right.layer?.description ?? "")
        }
    }

    /// What names it in one inventory: its package URL, or what stands for one.
    package struct Key: Hashable, Comparable, Sendable {
        package let text: String

        package init(_ text: String) { self.text = text }

        package static func < (left: Key, right: Key) -> Bool {
            let order: Bool?? = left.text.utf8.withContiguousStorageIfAvailable { left in
                right.text.utf8.withContiguousStorageIfAvailable { right in
                    guard let start = left.baseAddress, let other = right.baseAddress else {
                        return left.count < right.count
                    }
                    let order = memcmp(start, other, min(left.count, right.count))
                    return order == 0 ? left.count < right.count : order < 0
                }
            }
            return order.flatMap(\.self) ?? left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
        }
    }

    /// As its ecosystem and its advisories call it: a Go module by its whole path, a scoped npm package as `@scope/name`.
    package let name: String
    /// Empty if it is not known.
    package let version: String
    /// `nil` for what has no ecosystem.
    package let url: PackageURL?
    package let role: Role
    /// The group of Maven.
    package var group: String?
    package var supplier: Supplier?
    package var licence: Licence?
    package var source: Source?
    package var ancestor: Ancestor?
    package var hashes: Set<Hash> = []
    /// What else its records say, such as what a Go module replaces: by name.
    package var properties: [String: String] = [:]
    package var occurrences: Set<Occurrence> = []
    /// What it needs. A key without a component is left out at the end.
    package var dependencies: Set<Key> = []
    /// Whether its records say all that it needs; else more may be needed than `dependencies` has.
    package var knowsDependencies = false

    package init(_ name: String, _ version: String, _ url: PackageURL?, as role: Role) {
        self.name = name
        self.version = version
        self.url = url
        self.role = role
        key = Key(url?.description ?? "\(name)@\(version)")
    }

    package let key: Key
}

extension Component {
    /// Takes over what is known of the same component from another place.
    mutating func merge(_ other: Component) {
        group = group ?? other.group
        supplier = supplier ?? other.supplier
        licence = licence ?? other.licence
        source = source ?? other.source
        ancestor = ancestor ?? other.ancestor
        hashes.formUnion(other.hashes)
        properties.merge(other.properties) { mine, _ in mine }
        occurrences.formUnion(other.occurrences)
        dependencies.formUnion(other.dependencies)
        knowsDependencies = knowsDependencies || other.knowsDependencies
    }
}
