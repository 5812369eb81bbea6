import ByteIO
import Layers

/// What was in directories when they were listed before.
///
/// One that looks as it did then has the same names in it, and need not be opened: its times change with every name that
/// is put into it, taken out or given to something else. What the names stand for is looked at all the same.
package struct KnownListings: Sendable {
    package struct Name: Hashable, Sendable {
        /// In its directory.
        let bytes: ArraySlice<UInt8>
        /// What is below it; `nil` if it is not a directory, or was not listed.
        var listing: Int?
    }

    struct Listing: Hashable, Sendable {
        /// `nil` if more could have changed since without another stamp.
        let stamp: FileStamp?
        /// Names of everything that was there, sorted.
        let names: [Name]
    }

    /// Where each listing begins, and the listings. They are read when they are wanted, and side by side then.
    let bytes: [UInt8]
    /// Never none: the root's is the first, and every other one stands behind that of the directory it is in.
    let count: Int

    private static let numberSize = 4

    /// Keeps `listings`, of which there is at least the root's.
    init(_ listings: [Listing]) {
        var (places, content) = (BinaryWriter(), BinaryWriter())
        places.put(UInt32(truncatingIfNeeded: listings.count))
        let start = Self.numberSize * (listings.count + 1)
        for listing in listings {
            places.put(UInt32(truncatingIfNeeded: start + content.bytes.count))
            content.put(listing)
        }
        bytes = places.bytes + content.bytes
        count = listings.count
    }

    /// `nil` if there is no root. Other damage is detected when an entry is read.
    init?(bytes: [UInt8]) {
        var reader = BinaryReader(bytes)
        guard
            let count: UInt32 = reader.number(), count > 0, bytes.count / (2 * Self.numberSize) >= Int(count)
        else { return nil }
        self.bytes = bytes
        self.count = Int(count)
    }

    /// `nil` if it was not kept.
    func listing(at index: Int) -> Listing? {
        var places = BinaryReader(bytes, at: Self.numberSize * (index + 1))
        guard index < count, let place: UInt32 = places.number() else { return nil }
        var reader = BinaryReader(bytes, at: Int(place))
        return reader.listing(index, of: count)
    }
}

extension BinaryWriter {
    fileprivate mutating func put(_ listing: KnownListings.Listing) {
        put(UInt8(listing.stamp == nil ? 0 : 1))
        if let stamp = listing.stamp {
            put(stamp.device)
            put(stamp)
        }
        put(UInt32(truncatingIfNeeded: listing.names.count))
        for name in listing.names {
            put(name.bytes)
            put(UInt32(truncatingIfNeeded: name.listing ?? 0))
        }
    }
}

extension BinaryReader {
    /// The listing with the number `index`, of `total`.
    fileprivate mutating func listing(_ index: Int, of total: Int) -> KnownListings.Listing? {
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
                let below: UInt32 = number()
            else { return nil }
            // No way leads back up, or a walk would have no end.
            guard below == 0 || (Int(below) > index && Int(below) < total) else { return nil }
            names.append(KnownListings.Name(bytes: bytes, listing: below == 0 ? nil : Int(below)))
        }
        return KnownListings.Listing(stamp: stamp, names: names)
    }
}
