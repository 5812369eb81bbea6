public import Gate

/// What a user says about the checks of an image.
public struct GateOptions: Hashable, Sendable {
    /// Rules that refuse nothing: what breaks them is recorded in the image.
    public var allowed: Set<Rule> = []

    /// Everything is checked, and nothing excused.
    public init() {}
}
