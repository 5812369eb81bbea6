import ByteIO
import Diagnostics
import OCI

@testable import Debian

/// Text of Debian's repositories: control files, `Release` and `InRelease`, lists of sources, `gpgv`'s status.
enum ControlProbe {
    static func read(_ bytes: [UInt8]) {
        let paragraphs = Self.paragraphs(MemorySource(bytes))
        require(
            Self.paragraphs(ChoppedSource(bytes, most: 5)) == paragraphs,
            "a control file depends on how it arrives"
        )
        _ = try? ControlParagraph(parsing: bytes, at: .file(path: "probe"))
        for paragraph in paragraphs ?? [] {
            _ = try? IndexedPackage(paragraph, suite: "s", mirrors: [], at: .file(path: "probe"))
        }
        if let release = try? ReleaseFile(parsing: bytes, named: "probe") {
            _ = try? release.verify(isFor: release.suite, at: release.date, named: "probe")
        }
        if let signed = ClearSignedText(in: bytes) {
            require(bytes.starts(with: signed.message), "a signed message is not the front of its file")
            require(ClearSignedText(in: signed.message)?.message == signed.message, "a signed message is cut twice")
        }
        _ = try? AptSources.oneLine(bytes, at: "probe")
        _ = try? AptSources.paragraphs(bytes, at: "probe")
        _ = try? GpgvStatus(parsing: bytes).check(named: "probe", keyrings: [])
        compareVersions(bytes)
    }

    private static func paragraphs<Source: ByteSource>(_ source: Source) -> [ControlParagraph]? {
        var reader = ControlReader(source, paragraphLimit: 2048)
        var paragraphs = [ControlParagraph]()
        do throws(Diagnostic) {
            while let paragraph = try reader.next() { paragraphs.append(paragraph) }
            return paragraphs
        } catch {
            return nil
        }
    }

    /// The first line's words are versions: they have one order.
    private static func compareVersions(_ bytes: [UInt8]) {
        let words = bytes.prefix { $0 != 0x0A }.split(separator: 0x20).prefix(3)
        let versions = words.compactMap { try? DebianVersion(parsing: String(decoding: $0, as: UTF8.self)) }
        for left in versions {
            for right in versions {
                require([left < right, left == right, left > right].count { $0 } == 1, "versions have no order")
                for third in versions where left < right && right < third {
                    require(left < third, "the order of versions is not transitive")
                }
            }
        }
    }
}
