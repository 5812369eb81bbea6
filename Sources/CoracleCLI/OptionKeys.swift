import Build
import ByteIO
import Diagnostics

/// What an images file can say of an image: the options of `build` by their names, without the hyphens before them.
struct OptionKeys {
    /// How an option's value gets into the options, and whether the command line has said it.
    enum Field {
        case text(WritableKeyPath<BuildOptions, String?>, isPath: Bool = false)
        case number(WritableKeyPath<BuildOptions, Int?>)
        case flag(WritableKeyPath<BuildOptions, Bool>)
        case list(WritableKeyPath<BuildOptions, [String]>, (String, FilePath) -> String = { text, _ in text })
        case pairs(WritableKeyPath<BuildOptions, [String]>)
    }

    let fields: [(name: String, field: Field)] = [
        ("path", .list(\.paths, Self.path)),
        ("output", .text(\.output, isPath: true)),
        ("tarball", .text(\.tarball, isPath: true)),
        ("tag", .list(\.tag)),
        ("tags", .list(\.tags)),
        ("bare", .flag(\.bare)),
        ("push", .flag(\.push)),
        ("base", .text(\.base)),
        ("platform", .list(\.platform)),
        ("dest", .text(\.dest)),
        ("add", .list(\.add, Self.addition)),
        ("ca", .list(\.ca, Self.path)),
        ("ca-only", .list(\.caOnly, Self.path)),
        ("no-ca", .flag(\.noCertificates)),
        ("no-zoneinfo", .flag(\.noZoneinfo)),
        ("minimal", .flag(\.minimal)),
        ("no-runtime", .flag(\.noRuntime)),
        ("allow-escaping-symlinks", .flag(\.allowEscapingSymlinks)),
        ("max-file-size", .text(\.maxFileSize)),
        ("entrypoint", .list(\.entrypoint)),
        ("cmd", .list(\.cmd)),
        ("env", .pairs(\.env)),
        ("label", .pairs(\.label)),
        ("annotation", .pairs(\.annotation)),
        ("user", .text(\.user)),
        ("workdir", .text(\.workdir)),
        ("expose", .list(\.expose)),
        ("volume", .list(\.volume)),
        ("stop-signal", .text(\.stopSignal)),
        ("no-check", .flag(\.gate.noCheck)),
        ("allow", .list(\.gate.rules.allow)),
        ("max-size", .text(\.policy.maxSize)),
        ("kubernetes", .flag(\.policy.kubernetes)),
        ("debug-twin", .flag(\.policy.debugTwin)),
        ("layers", .text(\.reuse.layers)),
        ("max-layers", .number(\.reuse.maxLayers)),
        ("previous", .text(\.reuse.previous)),
        ("cache-from", .list(\.reuse.cacheFrom)),
        ("cache-to", .text(\.reuse.cacheTo)),
        ("explain", .flag(\.reuse.explain)),
        ("created", .text(\.created)),
        ("mtime", .text(\.mtime)),
        ("compression-level", .number(\.compressionLevel)),
    ]

    /// For the file's reader.
    var kinds: [String: ImagesFile.Kind] {
        var kinds: [String: ImagesFile.Kind] = [:]
        for (name, field) in fields {
            kinds[name] =
                switch field {
                case .text: .text
                case .number: .number
                case .flag: .flag
                case .list: .list
                case .pairs: .pairs
                }
        }
        return kinds
    }

    /// `options` with what a file says of an image under what was typed, which wins: a value or a list takes the file's
    /// place, a pair that of the same name.
    ///
    /// - Parameters:
    ///   - typed: said of all images; `{name}` in it stands for the name of each.
    ///   - directory: what the file's paths are relative to; nil for the working directory.
    func options(
        _ typed: BuildOptions,
        over entry: ImagesFile.Entry,
        in directory: FilePath?
    ) -> BuildOptions {
        let (typed, values) = (naming(entry.name, in: typed), entry.values)
        var options = typed
        for (name, field) in fields {
            switch (field, values[name]) {
            case (.text(let path, let isPath), .text(let text)?) where typed[keyPath: path] == nil:
                options[keyPath: path] = directory.map { isPath ? Self.path(text, $0) : text } ?? text
            case (.number(let path), .number(let number)?) where typed[keyPath: path] == nil:
                options[keyPath: path] = number
            case (.flag(let path), .flag(true)?): options[keyPath: path] = true
            case (.list(let path, let place), .list(let texts)?) where typed[keyPath: path].isEmpty:
                options[keyPath: path] = directory.map { directory in texts.map { place($0, directory) } } ?? texts
            case (.pairs(let path), .list(let pairs)?): options[keyPath: path] = pairs + typed[keyPath: path]
            default: break
            }
        }
        if let base = values["base"], typed.base == nil, case .text(let text) = base, let directory {
            options.base = Self.base(text, directory)
        }
        return options
    }

    private func naming(_ name: String, in typed: BuildOptions) -> BuildOptions {
        var options = typed
        for (_, field) in fields {
            switch field {
            case .text(let path, _):
                options[keyPath: path] = typed[keyPath: path]?.replacing("{name}", with: name)
            case .list(let path, _), .pairs(let path):
                options[keyPath: path] = typed[keyPath: path].map { $0.replacing("{name}", with: name) }
            case .number, .flag: break
            }
        }
        return options
    }

    // MARK: Paths

    private static func path(_ text: String, _ directory: FilePath) -> String {
        text.hasPrefix("/") || text.isEmpty ? text : directory.appending(text).display
    }

    /// `SRC:DST…`: a colon in the directory would end SRC.
    private static func addition(_ text: String, _ directory: FilePath) -> String {
        text.hasPrefix("/") ? text : directory.display.replacing(":", with: "\\:") + "/" + text
    }

    /// Of what names a base, only what is a path for sure.
    private static func base(_ text: String, _ directory: FilePath) -> String {
        for prefix in ["oci:", "oci-archive:", "docker-archive:"] where text.hasPrefix(prefix) {
            return prefix + path(String(text.dropFirst(prefix.count)), directory)
        }
        return text.hasPrefix("./") || text.hasPrefix("../") ? path(text, directory) : text
    }
}
