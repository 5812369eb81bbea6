import ByteIO
import Diagnostics
import Request

/// What `--output` names: a layout, an archive, or the forms that docker and skopeo have for them.
struct OutputPlace {
    let output: BuildRequest.Output

    /// Forms of archives that are compressed as a whole.
    private static let compressed = [".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".zip"]
    private static let transports = ["oci:", "oci-archive:", "docker-archive:", "docker-daemon:", "docker://", "dir:"]

    /// - Throws: `usage.malformed` for a form that coracle does not write.
    init(_ text: String) throws(Diagnostic) {
        if text == "-" {
            output = .stream(try StandardOutputArchive.path())
            return
        }
        if text.hasPrefix("type=") {
            output = try Self.described(text)
            return
        }
        if let end = Self.compressed.first(where: text.lowercased().hasSuffix) {
            throw Self.refusal(
                text,
                "an image's layers are compressed already, and programs that load images do not all take `\(end)`",
                "write `-o \(text.dropLast(end.count)).tar`, and compress that if you have to"
            )
        }
        if let transport = Self.transports.first(where: text.hasPrefix) {
            let path = text.dropFirst(transport.count)
            let place =
                transport.contains("archive") ? "-o FILE.tar" : transport.contains("docker") ? "--push" : "-o DIR"
            throw Self.refusal(
                text,
                "`\(transport)` is another program's word for a kind of place",
                "write `\(place)`" + (path.isEmpty ? "" : ", and the image's name with `-t`")
            )
        }
        output = text.hasSuffix(".tar") ? .archive(FilePath(text)) : .layout(FilePath(text))
    }

    /// Docker's `type=oci,dest=FILE`, with `tar=false` for a directory.
    private static func described(_ text: String) throws(Diagnostic) -> BuildRequest.Output {
        var fields: [Substring: Substring] = [:]
        for field in text.split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw refusal(text, "`\(field)` is not NAME=VALUE", "write `-o FILE.tar`") }
            fields[parts[0]] = parts[1]
        }
        let type = fields["type"] ?? ""
        let known: Set<Substring> = ["type", "dest", "tar"]
        guard type == "oci" || type == "docker" else {
            let isFiles = type == "local" || type == "tar"
            throw refusal(
                text,
                isFiles
                    ? "it stands for the image's files, and coracle writes images"
                    : "coracle writes layouts and archives, and no `\(type)`",
                type == "registry"
                    ? "write `--push`"
                    : type == "image" ? "write `--push`, or `--load`" : "write `-o DIR` or `-o FILE.tar`"
            )
        }
        if let other = fields.keys.filter({ !known.contains($0) }).min() {
            throw refusal(text, "`\(other)` means nothing to coracle", "leave it out")
        }
        guard let place = fields["dest"].map(String.init) else {
            if type == "docker" { throw refusal(text, "it stands for loading into an engine", "write `--load`") }
            throw refusal(text, "it does not say where", "write `type=\(type),dest=FILE.tar`")
        }
        if place == "-" { return .stream(try StandardOutputArchive.path()) }
        return fields["tar"] == "false" ? .layout(FilePath(place)) : .archive(FilePath(place))
    }

    private static func refusal(_ text: String, _ reason: String, _ hint: String) -> Diagnostic {
        Diagnostic(
            .usageMalformed,
            "`--output \(text)` is not understood",
            at: .option("--output"),
            because: reason,
            hint: hint
        )
    }
}
