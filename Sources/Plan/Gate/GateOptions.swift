package import Gate

/// What a user says about the checks of an image.
package struct GateOptions: Hashable, Encodable, Sendable {
    /// Rules that refuse nothing: what breaks them is recorded in the image.
    package var allowed: Set<Rule> = []

    /// Everything is checked, and nothing excused.
    package init() {}

    /// Everything is reported, and nothing is refused.
    package static var refusingNothing: GateOptions {
        var options = GateOptions()
        options.refusesNothing = true
        return options
    }
    package var refusesNothing = false
}
