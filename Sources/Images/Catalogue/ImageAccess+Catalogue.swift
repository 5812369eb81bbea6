import Bases
import ByteIO
package import Diagnostics
import OCI

extension ImageAccess {
    /// The bases that can be named: those in coracle itself, and those of the user's directories, which go before them.
    ///
    /// - Throws: what is wrong with a file of those directories.
    package func catalogue() throws(Diagnostic) -> Catalogue { try Catalogue(self) }

    /// What `--base` names: an image that is there as a path, else a base of the catalogue, else a reference.
    ///
    /// - Throws: `reference.malformed`, `location.malformed`; `base.unknown` for what can only be in the catalogue and is
    ///   not; `base.variant-unknown`; `base.not-squashed` for a base that is not assembled here, and is to be one layer.
    package func location(ofBase text: String) throws(Diagnostic) -> ImageLocation {
        let location = try base(named: text) { () throws(Diagnostic) in try foundLocation(ofBase: text) }
        if case .catalogue = location { return location }
        try refuseSquashing(of: text)
        return location
    }

    /// The same of an image that files are taken from: whether bases are squashed makes no difference to it.
    package func location(ofSource text: String) throws(Diagnostic) -> ImageLocation {
        try base(named: text) { () throws(Diagnostic) in try foundLocation(ofBase: text) }
    }

    /// - Throws: `base.not-squashed`, if a base that is not assembled here is to be one layer.
    package func refuseSquashing(of base: String) throws(Diagnostic) {
        guard settings.bases.isSquashed else { return }
        throw Diagnostic(
            .baseNotSquashed,
            "`\(base)` cannot be made one layer",
            at: .option("--squash-base"),
            because: "only bases that coracle assembles from packages can be: others stay as they are",
            hint: "leave out `--squash-base`, or choose a base of `coracle base list`"
        )
    }

    private func foundLocation(ofBase text: String) throws(Diagnostic) -> ImageLocation {
        let location = Result { () throws(Diagnostic) in try ImageLocation(source: text) }
        switch location {
        case .success(.registry(let reference)) where reference.text == text: break
        case .failure: break
        case .success(let location): return location
        }
        let catalogue = try catalogue()
        guard let entry = try catalogue.find(text) else {
            if Self.namesSuite(text) { _ = try catalogue.location(of: text) }
            return try location.get()
        }
        if !text.utf8.contains(UInt8(ascii: "/")) {
            note(
                Diagnostic(
                    .baseShort,
                    "`\(text)` is `\(entry.name)`, made from Debian's packages",
                    hint: "for the image in Docker Hub, write `docker.io/library/\(text)`"
                )
            )
        }
        return .catalogue(text)
    }

    /// Whether it begins as no one's repository in Docker Hub is meant to.
    private static func namesSuite(_ text: String) -> Bool {
        (DebianSuite.known + DebianSuite.others).contains { text.hasPrefix("\($0.name)/") }
    }
}

extension Diagnostic.Code {
    static let baseNotSquashed = Self("base.not-squashed", .usage)
    static let baseShort = Self("base.short", .usage)
}
