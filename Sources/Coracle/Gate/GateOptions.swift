public import Gate

/// What a user says about the checks of an image.
public struct GateOptions: Hashable, Sendable {
    /// Rules that refuse nothing: what breaks them is recorded in the image.
    public var allowed: Set<Rule> = []

    /// Everything is checked, and nothing excused.
    public init() {}

    /// Everything is told, and nothing refused.
    static var refusingNothing: GateOptions {
        var options = GateOptions()
        options.refusesNothing = true
        return options
    }
    var refusesNothing = false
}
