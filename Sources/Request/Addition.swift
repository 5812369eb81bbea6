package import ByteIO
package import Diagnostics
import OCI

/// A file or directory that goes into the image besides the program: `SRC:DST[:MODE[:UID:GID]]`.
package struct Addition: Hashable, Encodable, Sendable {
    /// A file, or a directory that is taken with all that is in it.
    package var source: FilePath
    /// An absolute path in the image.
    package var destination: String
    /// Permission bits for every file; `nil` for 0644, or 0755 if the source may be executed.
    package var mode: UInt16?
    /// Who owns everything that is added, as a number.
    package var uid: UInt32
    /// The group of everything that is added, as a number.
    package var gid: UInt32

    /// Takes the values as they are; they are checked when the image is planned.
    package init(source: FilePath, destination: String, mode: UInt16? = nil, uid: UInt32 = 0, gid: UInt32 = 0) {
        self.source = source
        self.destination = destination
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }

    /// Parses what `--add` takes. A colon in the source is written `\:`.
    ///
    /// - Throws: `add.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .addMalformed,
                "`--add \(text)` is not understood",
                at: .option("--add"),
                because: reason,
                hint: "write it as SRC:DST[:MODE[:UID:GID]], such as `config.yaml:/etc/app/config.yaml:0640:0:65532`"
            )
        }
        let fields = Self.fields(of: text)
        guard [2, 3, 5].contains(fields.count) else { throw malformed("it has \(fields.count) fields") }
        guard !fields[0].isEmpty else { throw malformed("it names no source") }
        guard fields[1].hasPrefix("/") else { throw malformed("`\(fields[1])` is not an absolute path") }
        self.init(source: FilePath(fields[0]), destination: fields[1])
        if fields.count > 2 {
            guard let mode = UInt16(octal: fields[2]) else {
                throw malformed("`\(fields[2])` is not a mode in octal digits")
            }
            self.mode = mode
        }
        if fields.count > 3 {
            guard let uid = Self.owner(fields[3]), let gid = Self.owner(fields[4]) else {
                throw malformed("`\(fields[3]):\(fields[4])` are not a numeric user and group")
            }
            (self.uid, self.gid) = (uid, gid)
        }
    }

    /// A file may belong to more users than engines start processes as; 2³²−1 is not a user.
    static func owner(_ text: String) -> UInt32? { UInt32(digits: text.utf8).flatMap { $0 == .max ? nil : $0 } }

    static func fields(of text: String) -> [String] {
        var fields = [""]
        var isEscaped = false
        for character in text {
            switch (character, isEscaped) {
            case ("\\", false): isEscaped = true
            case (":", false): fields.append("")
            default:
                if isEscaped, character != ":" { fields[fields.count - 1].append("\\") }
                fields[fields.count - 1].append(character)
                isEscaped = false
            }
        }
        if isEscaped { fields[fields.count - 1].append("\\") }
        return fields
    }
}

extension Diagnostic.Code {
    package static let addMalformed = Self("add.malformed", .usage)
}
