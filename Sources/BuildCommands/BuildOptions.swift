import ArgumentParser

/// The options of `build` and `plan`, in groups under the headings of their help.
///
/// A new option is an entry in the `…Flags` of its group and a property beside it, which only names the entry.
package struct BuildOptions: ParsableArguments {
    @Argument(help: "One or more executables, one application directory, or source.")
    var paths: [String] = []

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Files") var files: FileOptions
    @OptionGroup(title: "Runtime files") var runtime: RuntimeOptions
    @OptionGroup(title: "Configuration") var configuration: ConfigurationOptions
    @OptionGroup(title: "Layers") var layers: LayerOptions
    @OptionGroup(title: "Checks") var checks: CheckOptions
    @OptionGroup(title: "Dates") var dates: DateOptions
    @OptionGroup(title: "Speed") var effort: EffortOptions
    @OptionGroup(title: "Signatures") var signing: SigningOptions

    package init() {}

    /// All options about one image, in the order in which they take effect.
    static let flags: [BuildFlag] = {
        // Groups of `coracle.yaml`: some headings are one there.
        let sections: [(BuildFlag.Group, [BuildFlag])] = [
            (.output, outputFlags), (.source, sourceFlags), (.files, fileFlags + runtimeFlags),
            (.config, configurationFlags), (.layers, layerFlags), (.policy, checkFlags), (.config, dateFlags),
            (.sign, signingFlags),
        ]
        return [.all("path", \.paths, "", value: "path", key: .path)]
            + sections.flatMap { group, flags in flags.map { $0.grouped(group) } } + effortFlags
    }()
}
