import ArgumentParser
import Diagnostics
import Project
import Request
import SharedOptions

/// One option of `build` and `plan`, declared once: its names, its help, its key in `coracle.yaml`, and its effect.
///
/// ArgumentParser keeps the value in a property of a group of options, which names the option: `@Option(flag: "env")`.
struct BuildFlag: Sendable {
    typealias Place<Content> = any WritableKeyPath<BuildOptions, Content> & Sendable
    typealias Effect<Content> = @Sendable (Content, inout BuildRequest) throws(Diagnostic) -> Void

    /// Where the value is, and its effect on the request. Without an effect several options decide together, in
    /// `BuildOptions+Request.swift`.
    enum Value: Sendable {
        case text(Place<String?>, Effect<String>?)
        case number(Place<Int?>, Effect<Int>?)
        /// The effect is that of the option being there.
        case flag(Place<Bool>, (@Sendable (inout BuildRequest) -> Void)?)
        /// The effect is that of one value; a bad value does not stop the others.
        case each(Place<[String]>, Effect<String>?)
        /// The effect is that of all values together.
        case all(Place<[String]>, Effect<[String]>?)
    }

    /// How `coracle.yaml` gives the value, under the option's name: see `ProjectKey.Role`.
    enum Key: Sendable {
        /// It cannot: the option is about all images, or about the command itself.
        case none
        case plain, path, addition, imageAddition, text, base, key, pairs

        var role: ProjectKey.Role {
            switch self {
            case .none, .plain: .plain
            case .path: .path
            case .addition: .addition
            case .imageAddition: .imageAddition
            case .text: .text
            case .base: .base
            case .key: .key
            case .pairs: .pairs
            }
        }
    }

    /// A mapping of `coracle.yaml` in which options may be written that are about one thing.
    enum Group: String, CaseIterable, Sendable {
        case source, base, output, files, config, layers, policy, sign, sbom, kubernetes
    }

    let name: String
    let names: NameSpecification
    let help: ArgumentHelp
    let key: Key
    /// Where it may be written in `coracle.yaml`, besides the top.
    private(set) var group: Group?
    /// What it is called there, if not as here, without the group's name.
    let nameInGroup: String?
    let value: Value
    /// Whether a value may begin with a hyphen.
    let parsing: ArrayParsingStrategy

    private init(
        _ name: String,
        _ value: Value,
        _ help: ArgumentHelp,
        _ spelling: Spellings = Spellings(),
        _ key: Key = .plain,
        _ parsing: ArrayParsingStrategy = .singleValue
    ) {
        self.name = name
        self.value = value
        self.help = help
        self.key = key
        self.parsing = parsing
        // An option that is called as a group is its main value, and is called there as its value is in the help.
        let isGroup = Group(rawValue: name) != nil
        nameInGroup = spelling.inGroup ?? (isGroup ? help.valueName : nil)
        let short = spelling.short.map { NameSpecification.Element.customShort($0) }
        let long = ([name] + spelling.aliases).map { NameSpecification.Element.customLong($0) }
        names = NameSpecification([short].compactMap(\.self) + long)
    }

    /// The names of an option beside `--NAME`.
    struct Spellings {
        var short: Character?
        var aliases: [String] = []
        /// In its group of `coracle.yaml`.
        var inGroup: String?
    }

    /// The same as an option of `group`, unless its name begins with that of another one: `sbom-output`.
    func grouped(_ group: Group) -> BuildFlag {
        var flag = self
        flag.group = Group.allCases.first { name == $0.rawValue || name.hasPrefix("\($0.rawValue)-") } ?? group
        return flag
    }

    // MARK: Declarations

    /// An option with one value.
    static func text(
        _ name: String,
        _ place: Place<String?>,
        _ help: String,
        value: String,
        spelled spelling: Spellings = Spellings(),
        key: Key = .plain,
        _ effect: Effect<String>? = nil
    ) -> BuildFlag {
        BuildFlag(name, .text(place, effect), ArgumentHelp("\(help)", valueName: value), spelling, key)
    }

    /// An option with a whole number.
    static func number(
        _ name: String,
        _ place: Place<Int?>,
        _ help: String,
        value: String,
        spelled spelling: Spellings = Spellings(),
        key: Key = .plain,
        _ effect: Effect<Int>? = nil
    ) -> BuildFlag {
        BuildFlag(name, .number(place, effect), ArgumentHelp("\(help)", valueName: value), spelling, key)
    }

    /// An option without a value.
    static func flag(
        _ name: String,
        _ place: Place<Bool>,
        _ help: String,
        spelled spelling: Spellings = Spellings(),
        key: Key = .plain,
        _ effect: (@Sendable (inout BuildRequest) -> Void)? = nil
    ) -> BuildFlag {
        BuildFlag(name, .flag(place, effect), ArgumentHelp("\(help)"), spelling, key)
    }

    /// An option that may be repeated; each value has an effect of its own.
    static func each(
        _ name: String,
        _ place: Place<[String]>,
        _ help: String,
        value: String,
        spelled spelling: Spellings = Spellings(),
        key: Key = .plain,
        _ effect: Effect<String>? = nil
    ) -> BuildFlag {
        BuildFlag(name, .each(place, effect), ArgumentHelp("\(help)", valueName: value), spelling, key)
    }

    /// An option that may be repeated; its values have one effect together.
    static func all(
        _ name: String,
        _ place: Place<[String]>,
        _ help: String,
        value: String,
        spelled spelling: Spellings = Spellings(),
        key: Key = .plain,
        parsing: ArrayParsingStrategy = .singleValue,
        _ effect: Effect<[String]>? = nil
    ) -> BuildFlag {
        BuildFlag(name, .all(place, effect), ArgumentHelp("\(help)", valueName: value), spelling, key, parsing)
    }

    // MARK: Use

    private static let places = Dictionary(
        uniqueKeysWithValues: BuildOptions.flags.enumerated().map { ($0.element.name, $0.offset) }
    )

    /// Where `BuildOptions.flags` has the option that is declared as `name`; `nil` if it has none.
    static func place(of name: String) -> Int? { places[name] }

    /// The option that is declared as `name`.
    static func named(_ name: String) -> BuildFlag {
        guard let place = places[name] else { preconditionFailure("`BuildOptions.flags` does not declare `\(name)`") }
        return BuildOptions.flags[place]
    }

    /// What a shell offers for the value; `nil` for a value that no list has.
    var completion: CompletionKind? {
        if let words = Self.words[name] { return .list(words) }
        switch (key, name) {
        case (_, "allow"): return Completions.rules
        case (.base, _): return Completions.bases
        case (.path, _), (.addition, _), (_, "output"), (_, "tarball"): return .file()
        case (.none, _), (.plain, _), (.imageAddition, _), (.text, _), (.key, _), (.pairs, _): return nil
        }
    }

    /// The values of options that take one of a few.
    private static let words = [
        "layers": ["one", "auto"],
        "sbom": ["spdx", "cyclonedx", "none"],
        "platform": ["linux/amd64", "linux/arm64"],
    ]

    /// Whether `options` say something with this option.
    func isGiven(in options: BuildOptions) -> Bool {
        switch value {
        case .text(let place, _): options[keyPath: place] != nil
        case .number(let place, _): options[keyPath: place] != nil
        case .flag(let place, _): options[keyPath: place]
        case .each(let place, _), .all(let place, _): !options[keyPath: place].isEmpty
        }
    }

    /// Does to `request` what `options` say with this option, and adds to `problems` what is not understood.
    func apply(_ options: BuildOptions, to request: inout BuildRequest, _ problems: inout [Diagnostic]) {
        do throws(Diagnostic) {
            switch value {
            case .text(let place, let effect?):
                if let text = options[keyPath: place] { try effect(text, &request) }
            case .number(let place, let effect?):
                if let number = options[keyPath: place] { try effect(number, &request) }
            case .flag(let place, let effect?):
                if options[keyPath: place] { effect(&request) }
            case .all(let place, let effect?):
                let texts = options[keyPath: place]
                if !texts.isEmpty { try effect(texts, &request) }
            case .each(let place, let effect?):
                for text in options[keyPath: place] {
                    do throws(Diagnostic) {
                        try effect(text, &request)
                    } catch {
                        problems.append(error)
                    }
                }
            case .text(_, nil), .number(_, nil), .flag(_, nil), .each(_, nil), .all(_, nil): return
            }
        } catch {
            problems.append(error)
        }
    }
}

extension Option {
    /// A property that keeps the value of the option that `BuildOptions.flags` declares as `name`.
    init(flag name: String) where Value == String? {
        let flag = BuildFlag.named(name)
        self.init(name: flag.names, help: flag.help, completion: flag.completion)
    }

    /// The same for a number.
    init(flag name: String) where Value == Int? {
        let flag = BuildFlag.named(name)
        self.init(name: flag.names, help: flag.help)
    }

    /// The same for an option that may be repeated.
    init(wrappedValue: [String], flag name: String) where Value == [String] {
        let flag = BuildFlag.named(name)
        self.init(
            wrappedValue: wrappedValue,
            name: flag.names,
            parsing: flag.parsing,
            help: flag.help,
            completion: flag.completion
        )
    }
}

extension Flag where Value == Bool {
    /// The same for an option without a value.
    init(wrappedValue: Bool, flag name: String) {
        let flag = BuildFlag.named(name)
        self.init(wrappedValue: wrappedValue, name: flag.names, help: flag.help)
    }
}
