package import Diagnostics

/// A form of a base, as the words behind the colon say it: `cc:debug`, `cc:slim-root`.
package struct BaseVariant: Hashable, Sendable, CustomStringConvertible {
    /// With a shell and the usual tools, in `/busybox`.
    package var isDebug = false
    /// Without documentation but copyrights, without conversions between character sets, without `right/` time zones.
    package var isSlim = false
    /// Whose programs run as root; nil for what the definition says.
    package var isRoot: Bool?

    package init(isDebug: Bool = false, isSlim: Bool = false, isRoot: Bool? = nil) {
        self.isDebug = isDebug
        self.isSlim = isSlim
        self.isRoot = isRoot
    }

    /// Parses words with hyphens between them.
    ///
    /// - Throws: `base.variant-unknown`.
    package init(parsing text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .baseVariantUnknown,
                "`\(text)` is no form of a base",
                because: reason,
                hint: "there are `nonroot`, `root`, `debug`, `slim`, and with hyphens several, such as `debug-root`"
            )
        }
        for word in text.split(separator: "-", omittingEmptySubsequences: false) {
            switch word {
            case "debug" where !isDebug: isDebug = true
            case "slim" where !isSlim: isSlim = true
            case "root" where isRoot == nil: isRoot = true
            case "nonroot" where isRoot == nil: isRoot = false
            case "debug", "slim": throw malformed("`\(word)` stands twice")
            case "root", "nonroot": throw malformed("it can be `root` or `nonroot` once")
            default: throw malformed("nothing is known of `\(word)`")
            }
        }
    }

    /// As it is written behind the colon; empty for the usual form.
    package var description: String {
        let user = isRoot.map { $0 ? "root" : "nonroot" }
        return [isDebug ? "debug" : nil, isSlim ? "slim" : nil, user].compactMap(\.self).joined(separator: "-")
    }
}

extension Diagnostic.Code {
    package static let baseVariantUnknown = Self("base.variant-unknown", .usage)
}
