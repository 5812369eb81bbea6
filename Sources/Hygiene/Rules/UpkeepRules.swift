package import Findings

extension Rule {
    package static let upkeepBaseMoved = Rule("upkeep.base-moved", .warning, "the base's name stands for a newer image")
    package static let upkeepPackages = Rule("upkeep.packages", .warning, "packages have newer versions")
    package static let upkeepSecurity = Rule("upkeep.security-updates", .error, "packages have security updates")
    package static let upkeepUnknown = Rule("upkeep.unknown", .note, "it is not known whether the image is outdated")

    /// What is found by asking registries and mirrors: `coracle outdated` asks, and `coracle lint` with `--online`.
    package static let upkeep = [upkeepBaseMoved, upkeepPackages, upkeepSecurity, upkeepUnknown]
}
