import Build
import ByteIO

extension BuildOptions {
    /// What an images file can say of an image: the options by their names, without the hyphens before them.
    static let fileKeys: [String: ImagesFile.Kind] = {
        var kinds: [String: ImagesFile.Kind] = [:]
        for flag in flags { kinds[flag.name] = flag.kind }
        return kinds
    }()

    /// These options, typed for all images, over what a file says of one: a value or a list that was typed replaces the
    /// file's, a pair the one of the same name. `{name}` in what was typed stands for the image's name.
    ///
    /// - Parameter directory: where the file's paths begin; `nil` for the working directory.
    func over(_ entry: ImagesFile.Entry, in directory: FilePath?) -> BuildOptions {
        var options = self
        for flag in Self.flags { flag.fill(&options, from: entry, in: directory) }
        return options
    }
}

extension BuildFlag {
    /// `nil` for an option that no images file has.
    fileprivate var kind: ImagesFile.Kind? {
        switch (key, value) {
        case (.none, _): nil
        case (.pairs, _): .pairs
        case (_, .text): .text
        case (_, .number): .number
        case (_, .flag): .flag
        case (_, .each), (_, .all): .list
        }
    }

    /// Puts the image's name into what was typed, and what `entry` says where nothing was typed.
    fileprivate func fill(_ options: inout BuildOptions, from entry: ImagesFile.Entry, in directory: FilePath?) {
        switch (value, kind == nil ? nil : entry.values[name]) {
        case (.text(let place, _), let said):
            if let typed = options[keyPath: place] {
                options[keyPath: place] = typed.naming(image: entry.name)
            } else if case .text(let text)? = said {
                options[keyPath: place] = located(text, in: directory)
            }
        case (.number(let place, _), .number(let number)?):
            if options[keyPath: place] == nil { options[keyPath: place] = number }
        case (.flag(let place, _), .flag(true)?): options[keyPath: place] = true
        case (.each(let place, _), let said), (.all(let place, _), let said):
            let typed = options[keyPath: place].map { $0.naming(image: entry.name) }
            guard case .list(let texts)? = said else {
                options[keyPath: place] = typed
                return
            }
            let written = texts.map { located($0, in: directory) }
            options[keyPath: place] = kind == .pairs ? written + typed : typed.isEmpty ? written : typed
        default: break
        }
    }

    /// A value of a file, for use in the working directory.
    func located(_ text: String, in directory: FilePath?) -> String {
        guard let directory else { return text }
        return switch key {
        case .none, .plain, .pairs: text
        case .path: Self.path(text, directory)
        // A colon in the directory would end SRC.
        case .addition:
            text.hasPrefix("/") ? text : directory.display.replacing(":", with: "\\:") + "/" + text
        case .base: Self.base(text, directory)
        case .key: text.contains("://") ? text : Self.path(text, directory)
        }
    }

    private static func path(_ text: String, _ directory: FilePath) -> String {
        text.hasPrefix("/") || text.isEmpty ? text : directory.appending(text).display
    }

    /// Changes only what is a path for sure.
    private static func base(_ text: String, _ directory: FilePath) -> String {
        for prefix in ["oci:", "oci-archive:", "docker-archive:"] where text.hasPrefix(prefix) {
            return prefix + path(String(text.dropFirst(prefix.count)), directory)
        }
        return text.hasPrefix("./") || text.hasPrefix("../") ? path(text, directory) : text
    }
}
