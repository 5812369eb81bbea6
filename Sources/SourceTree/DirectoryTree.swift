package import ByteIO
package import Diagnostics
package import Layers

/// What is below a directory of this machine, listed and looked at, without what is left out.
///
/// Listing is nearly all system calls, and most directories wait for nothing but a core: those of one depth are listed
/// side by side. What comes out does not depend on it.
package struct DirectoryTree: Sendable {
    /// Something in a directory.
    package struct Child: Sendable {
        package let status: FileStatus
        /// False for a directory that is left out, and below which something is not.
        package let isListed: Bool
        package let linkTarget: [UInt8]?
        /// A directory's own listing.
        var listing: Int?
        /// Where it stands among all names in its directory.
        let position: Int
    }

    /// One directory.
    package struct Listing: Sendable {
        /// Relative to the root of the tree; empty for the root.
        package let name: [UInt8]
        /// Sorted by name.
        package var children: [Child] = []
        package var notes: [Diagnostic] = []
        package var ignoredCount = 0
        /// What kept it from being listed.
        package var problem: Diagnostic?
        /// What it looked like before it was listed.
        package let status: FileStatus
        /// Names of everything in it, sorted.
        package var names: [KnownListings.Name] = []
        /// Indices of its children that are directories.
        package var directories: [Int] = []
        /// Where it stands among what was known.
        package let known: Int?
        /// Whether the names are those that were known.
        package var isKnown = false

        /// The name of `child` in this directory.
        package func ownName(of child: Child) -> ArraySlice<UInt8> { names[child.position].bytes }

        /// The name of `child`, relative to the root of the tree.
        package func name(of child: Child) -> [UInt8] {
            let own = ownName(of: child)
            var name = [UInt8]()
            name.reserveCapacity(self.name.count + 1 + own.count)
            name += self.name
            if !name.isEmpty { name.append(UInt8(ascii: "/")) }
            name += own
            return name
        }
    }

    /// The root's is the first; every other one stands behind that of the directory it is in.
    package private(set) var listings: [Listing] = []

    private let lister: DirectoryLister

    /// Lists `root`, which looked like `status`, and all below it. No directory stays open.
    ///
    /// - Parameter known: what was there before; `nil` to read every directory.
    package init(
        _ root: FilePath,
        _ status: FileStatus,
        _ options: DirectoryWalk.Options,
        _ known: KnownListings? = nil
    ) {
        lister = DirectoryLister(root: root, options: options, known: known)
        let open = known == nil ? nil : try? DirectoryLister.OpenRoot(root)
        listings.reserveCapacity(known?.count ?? 0)
        listings.append(
            lister.list(DirectoryLister.Directory(name: [], status: status, known: known == nil ? nil : 0), open)
        )
        var level = 0..<1
        while !level.isEmpty {
            var pending = [DirectoryLister.Directory]()
            for index in level {
                var before = KnownNames(known, listings[index])
                // What is deeper could not be in an image: what is below it need not be looked at.
                let isTooDeep = listings[index].name.count > DirectoryWalk.longestPath
                for child in listings[index].directories where !isTooDeep {
                    listings[index].children[child].listing = listings.count + pending.count
                    let item = listings[index].children[child]
                    let name = listings[index].name(of: item)
                    let known = before.listing(at: item.position)
                    pending.append(DirectoryLister.Directory(name: name, status: item.status, known: known))
                }
            }
            level = listings.count..<listings.count + pending.count
            // So many at a time that handing them out costs little.
            let next = inStretches(of: 32, pending.count) { [lister, pending] stretch in
                pending[stretch].map { lister.list($0, open) }
            }
            for stretch in next { listings += stretch }
        }
    }

    /// Whether there was nothing in any directory that was not known.
    package var isKnown: Bool { listings.count == lister.known?.count && listings.allSatisfy(\.isKnown) }

    /// What is there, to be known the next time.
    package func known(_ trust: StampTrust) -> KnownListings {
        let device = listings[0].status.stamp.device
        let isTrusted = (try? DirectoryLister.OpenRoot(lister.root))?.keepsDirectoryTimes ?? false
        return KnownListings(
            listings.map { listing in
                let stamp = listing.status.stamp
                // On another file system it is not known whether its times are kept.
                let isSettled =
                    isTrusted && stamp.device == device && listing.problem == nil && trust.isSettled(stamp)
                var names = listing.names
                for index in names.indices { names[index].listing = nil }
                for child in listing.directories {
                    let child = listing.children[child]
                    names[child.position].listing = child.listing
                }
                return KnownListings.Listing(stamp: isSettled ? stamp : nil, names: names)
            }
        )
    }
}

/// Goes through the names that a directory had.
private struct KnownNames {
    /// Those that it has.
    private let names: [KnownListings.Name]
    /// Those that it had, and that were not asked for; `nil` if they are the same.
    private var before: ArraySlice<KnownListings.Name>?

    init(_ known: KnownListings?, _ listing: DirectoryTree.Listing) {
        names = listing.names
        if !listing.isKnown { before = listing.known.flatMap { known?.listing(at: $0)?.names[...] } ?? [] }
    }

    /// What was below the name at `position` in the listing; to be asked in order.
    mutating func listing(at position: Int) -> Int? {
        let name = names[position]
        // The names that are known are there with what was below them.
        guard before != nil else { return name.listing }
        while let next = before?.first, next.bytes != name.bytes {
            guard next.bytes.lexicographicallyPrecedes(name.bytes) else { return nil }
            before?.removeFirst()
        }
        return before?.popFirst()?.listing
    }
}
