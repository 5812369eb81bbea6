import Diagnostics
package import Images
package import Layers

extension RegistrySettings {
    /// How large the table of an image's files may become.
    ///
    /// - Throws: `limits.malformed`.
    package var tableLimits: TableLimits {
        get throws(Diagnostic) { try TableLimits(environment: environment) }
    }
}
