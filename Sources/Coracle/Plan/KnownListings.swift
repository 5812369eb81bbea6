import ByteIO
import Layers

/// What was in directories when they were listed before.
///
/// One that looks as it did then has the same names in it, and need not be opened: its times change with every name that
/// is put into it, taken out or given to something else. What the names stand for is looked at all the same.
struct KnownListings: Hashable, Sendable {
    struct Name: Hashable, Sendable {
        /// In its directory.
        let bytes: ArraySlice<UInt8>
        /// What is below it; nil for what is no directory, or was not listed.
        var listing: Int?
    }

    struct Listing: Hashable, Sendable {
        /// Nil where more could have changed since without another stamp.
        let stamp: FileStamp?
        /// Of all that was there, sorted.
        let names: [Name]
    }

    /// The root's is the first; every other one stands behind that of the directory it is in.
    let listings: [Listing]
}

// What is kept of it.
extension KnownListings {
    /// In a form that `init(bytes:)` reads.
    var bytes: [UInt8] {
        var writer = BinaryWriter()
        for listing in listings {
            writer.put(UInt8(listing.stamp == nil ? 0 : 1))
            if let stamp = listing.stamp {
                writer.put(stamp.device)
                writer.put(stamp)
            }
            writer.put(UInt32(truncatingIfNeeded: listing.names.count))
            for name in listing.names {
                writer.put(name.bytes)
                writer.put(UInt32(truncatingIfNeeded: name.listing ?? 0))
            }
        }
        return writer.bytes
    }

    /// Nil for what `bytes` did not write.
    init?(bytes: [UInt8]) {
        var reader = BinaryReader(bytes)
        var listings = [Listing]()
        // A listing that several directories had would be walked several times.
        var last = 0
        while !reader.isAtEnd {
            guard let listing = reader.listing(after: &last) else { return nil }
            listings.append(listing)
        }
        guard last < max(listings.count, 1) else { return nil }
        self.listings = listings
    }
}

extension BinaryReader {
    /// - Parameter last: the largest number of a listing so far.
    fileprivate mutating func listing(after last: inout Int) -> KnownListings.Listing? {
        guard let isSettled: UInt8 = number(), isSettled <= 1 else { return nil }
        var stamp: FileStamp?
        if isSettled == 1 {
            guard let device: UInt64 = number(), let known = FileStamp(&self, on: device) else { return nil }
            stamp = known
        }
        guard let count: UInt32 = number() else { return nil }
        var names = [KnownListings.Name]()
        names.reserveCapacity(min(Int(count), 4096))
        for _ in 0..<count {
            guard
                let bytes = slice(), !bytes.isEmpty, bytes.allSatisfy({ $0 != UInt8(ascii: "/") && $0 != 0 }),
                let listing: UInt32 = number(), listing == 0 || Int(listing) == last + 1
            else { return nil }
            if listing != 0 { last = Int(listing) }
            names.append(KnownListings.Name(bytes: bytes, listing: listing == 0 ? nil : Int(listing)))
        }
        return KnownListings.Listing(stamp: stamp, names: names)
    }
}
