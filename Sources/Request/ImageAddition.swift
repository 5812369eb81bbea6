package import Diagnostics
package import Images
package import OCI

/// Files of another image that go into the image besides the program: `IMAGE=SRC:DST[:MODE[:UID:GID]]`.
package struct ImageAddition: Hashable, Encodable, Sendable {
    /// Where the other image is.
    package var image: ImageLocation
    /// An absolute path in the other image, in whose last component `*` and `?` match any name.
    package var source: String
    /// An absolute path in the image. Behind a slash at its end, a file keeps its own name.
    package var destination: String
    /// Permission bits for every file; `nil` for those that the files have.
    package var mode: UInt16?
    /// Who owns everything that is added; `nil` for the owners that the files have.
    package var owner: UserID?

    /// Takes the values as they are; they are checked when the image is planned.
    package init(
        image: ImageLocation,
        source: String,
        destination: String,
        mode: UInt16? = nil,
        owner: UserID? = nil
    ) {
        self.image = image
        self.source = source
        self.destination = destination
        self.mode = mode
        self.owner = owner
    }

    /// Parses what `--add-from` takes. A colon in the source is written `\:`.
    ///
    /// - Parameter locate: finds the image that a name stands for.
    /// - Throws: `add.malformed`; what `locate` throws.
    package init(
        parsing text: String,
        _ locate: (String) throws(Diagnostic) -> ImageLocation
    ) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .addMalformed,
                "`--add-from \(text)` is not understood",
                at: .option("--add-from"),
                because: reason,
                hint:
                    "write it as IMAGE=SRC:DST[:MODE[:UID:GID]], such as `docker.io/library/busybox:1.37=/bin/busybox:/bin/busybox`"
            )
        }
        guard let (name, rest) = Self.split(text) else { throw malformed("there is no `=` before an absolute path") }
        guard !name.isEmpty else { throw malformed("it names no image") }
        let fields = Addition.fields(of: rest)
        guard [2, 3, 5].contains(fields.count) else { throw malformed("it has \(fields.count) fields") }
        guard fields[1].hasPrefix("/") else { throw malformed("`\(fields[1])` is not an absolute path") }
        self.init(image: try locate(name), source: fields[0], destination: fields[1])
        // An owner may be named without a mode.
        if fields.count == 3 || fields.count > 3 && !fields[2].isEmpty {
            guard let mode = UInt16(octal: fields[2]) else {
                throw malformed("`\(fields[2])` is not a mode in octal digits")
            }
            self.mode = mode
        }
        if fields.count > 3 {
            guard let uid = Addition.owner(fields[3]), let gid = Addition.owner(fields[4]) else {
                throw malformed("`\(fields[3]):\(fields[4])` are not a numeric user and group")
            }
            owner = UserID(uid: uid, gid: gid)
        }
    }

    /// The image's name, and what follows the first `=` that an absolute path is behind.
    package static func split(_ text: String) -> (image: String, rest: String)? {
        guard let place = text.firstRange(of: "=/") else { return nil }
        return (String(text[..<place.lowerBound]), String(text[text.index(after: place.lowerBound)...]))
    }

    /// As it can be written, with `image` for the image's name.
    package func text(from image: String) -> String {
        var text = "\(image)=\(source.replacing(":", with: "\\:")):\(destination)"
        guard mode != nil || owner != nil else { return text }
        text += ":" + (mode.map { "0\(String($0, radix: 8))" } ?? "")
        if let owner { text += ":\(owner.uid):\(owner.gid)" }
        return text
    }

    /// The image's name, if others know it.
    package var recordedImage: String? {
        switch image {
        case .registry(let reference): reference.normalized
        case .catalogue(let name): name
        case .layout, .archive, .dockerArchive: nil
        }
    }
}

extension BuildRequest {
    /// The other images of which files are taken, each once, in the order in which they are named.
    package var sourceLocations: [ImageLocation] {
        var locations = [ImageLocation]()
        for location in imageAdditions.map(\.image) where !locations.contains(location) { locations.append(location) }
        return locations
    }
}
