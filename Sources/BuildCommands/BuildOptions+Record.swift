import ByteIO
import Diagnostics
import OCI
import Project
import Reproduction
import Request

extension BuildOptions {
    /// Options that say what is in the image, and are not said of it elsewhere. Values of `--env` may be secret; they are in the
    /// image's configuration, and only there.
    private static let recordedFlags: [BuildFlag] = {
        let others: Set = [
            "base", "platform", "env", "max-file-size", "max-size", "previous", "cache-from", "cache-to", "explain",
            "created",
        ]
        return (sourceFlags + fileFlags + runtimeFlags + configurationFlags + layerFlags + checkFlags + dateFlags)
            .filter { !others.contains($0.name) }
    }()

    /// Names of the options that provenance may have.
    static let recordedNames = Set(recordedFlags.map(\.name) + ["created"])

    /// What was typed, for provenance: no path of the machine is in it. Of a file there is its digest, of an addition its
    /// destination.
    func recorded(_ request: BuildRequest) -> [RecordedOption] {
        var options = [RecordedOption]()
        for flag in Self.recordedFlags {
            for option in flag.given(in: self, .record) {
                switch flag.key {
                case .path: options.append(RecordedOption(option.name, option.value.flatMap(Self.digest), .record))
                case .addition:
                    guard let text = option.value, let addition = try? Addition(parsing: text) else { continue }
                    for match in (try? addition.matches) ?? [addition] {
                        options.append(RecordedOption(option.name, match.recorded, .record))
                    }
                // As `request` has them: what was typed may be a path.
                case .imageAddition: continue
                // As a file with this text would be.
                case .text:
                    guard let text = option.value, let file = try? MadeEntry(file: text) else { continue }
                    options.append(RecordedOption("add", file.addition, .record))
                case .none, .plain, .base, .key, .pairs: options.append(option)
                }
            }
        }
        // What is a file is not of use to others.
        for addition in request.imageAdditions {
            guard let name = addition.recordedImage else { continue }
            options.append(RecordedOption("add-from", addition.text(from: name), .record))
        }
        if case .at(let time, _) = request.created {
            options.append(RecordedOption("created", time.description, .record))
        }
        return options
    }

    /// The options that were typed, such as those behind `--`.
    var given: [RecordedOption] { Self.flags.filter { $0.name != "path" }.flatMap { $0.given(in: self, .user) } }

    /// The same with absolute paths, for a command line that is read elsewhere.
    static func absolute(_ options: [RecordedOption], in directory: FilePath) -> [RecordedOption] {
        options.map { option in
            guard let value = option.value else { return option }
            return RecordedOption(
                option.name,
                BuildFlag.named(option.name).key.role.located(value, in: directory),
                option.source
            )
        }
    }

    private static let largestFile = 16 << 20

    private static func digest(ofFile path: String) -> String? {
        (try? OpenFile.content(of: FilePath(path), limit: largestFile)).map { Digest(sha256Of: $0).description }
    }
}

extension BuildFlag {
    /// The option with each of its values.
    fileprivate func given(in options: BuildOptions, _ source: RecordedOption.Source) -> [RecordedOption] {
        switch value {
        case .text(let place, _): options[keyPath: place].map { [RecordedOption(name, $0, source)] } ?? []
        case .number(let place, _): options[keyPath: place].map { [RecordedOption(name, String($0), source)] } ?? []
        case .flag(let place, _): options[keyPath: place] ? [RecordedOption(name, nil, source)] : []
        case .each(let place, _), .all(let place, _):
            options[keyPath: place].map { RecordedOption(name, $0, source) }
        }
    }
}

extension Addition {
    /// `DST[:MODE[:UID:GID]]`.
    fileprivate var recorded: String {
        guard let mode else { return destination }
        let owner = uid == 0 && gid == 0 ? "" : ":\(uid):\(gid)"
        return "\(destination):0\(String(mode, radix: 8))\(owner)"
    }
}
