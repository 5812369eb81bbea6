package import Diagnostics

/// A variant of a base, written as words behind the colon: `cc:debug`, `cc:slim-root`.
package struct BaseVariant: Hashable, Sendable, CustomStringConvertible {
    /// Whether it has a shell and the usual tools, in `/busybox`.
    package var isDebug = false
    /// Whether it lacks documentation except copyrights, conversions between character sets, and `right/` time zones.
    package var isSlim = false
    /// Whether its programs run as root; `nil` to use the definition's setting.
    package var isRoot: Bool?

    package init(isDebug: Bool = false, isSlim: Bool = false, isRoot: Bool? = nil) {
        self.isDebug = isDebug
        self.isSlim = isSlim
        self.isRoot = isRoot
    }

    /// Parses words separated by hyphens.
    ///
    /// - Throws: `base.variant-unknown`.
    package init(parsing text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .baseVariantUnknown,
                "`\(text)` is not a form of a base",
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

    /// The text behind the colon; empty without a variant.
    package var description: String {
        let user = isRoot.map { $0 ? "root" : "nonroot" }
        return [isDebug ? "debug" : nil, isSlim ? "slim" : nil, user].compactMap(\.self).joined(separator: "-")
    }
}

extension Diagnostic.Code {
    package static let baseVariantUnknown = Self("base.variant-unknown", .usage)
}
