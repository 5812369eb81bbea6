import ArgumentParser
import Diagnostics
import OCI
import Plan

/// What an image stands on, and the files that go into it.
struct FileOptions: ParsableArguments {
    @Option(flag: "base") var base: String?
    @Option(flag: "platform") var platform: [String] = []
    @Option(flag: "dest") var dest: String?
    @Option(flag: "add") var add: [String] = []
    @Flag(flag: "allow-escaping-symlinks") var allowEscapingSymlinks = false
    @Option(flag: "max-file-size") var maxFileSize: String?
}

extension BuildOptions {
    /// The options under "Files".
    static let fileFlags: [BuildFlag] = [
        .text(
            "base",
            \.files.base,
            """
            Build on this image: a reference, oci:DIR[:REF], oci-archive:FILE[:REF], a base that `coracle base list` \
            shows, or scratch. Default: scratch for static programs
            """,
            value: "image",
            spelled: .init(short: "b", aliases: ["from"]),
            key: .base
        ),
        .each(
            "platform",
            \.files.platform,
            "The platform that the programs are expected to run on, such as linux/arm64. Repeatable.",
            value: "platform"
        ) { text, request throws(Diagnostic) in request.platforms += try PlatformOptions.platforms([text]) },
        .text(
            "dest",
            \.files.dest,
            "The program's or directory's path in the image. Default: /app/NAME, or /app",
            value: "path"
        ) { path, request in request.destination = path },
        .each(
            "add",
            \.files.add,
            "Add a file or directory: SRC:DST[:MODE[:UID:GID]]. Repeatable.",
            value: "spec",
            key: .addition
        ) { text, request throws(Diagnostic) in request.additions.append(try Addition(parsing: text)) },
        .flag(
            "allow-escaping-symlinks",
            \.files.allowEscapingSymlinks,
            "Keep symlinks that lead out of the directory as they are."
        ) { $0.allowsEscapingSymlinks = true },
        .text(
            "max-file-size",
            \.files.maxFileSize,
            "Refuse larger files, such as 500MB or 2GiB. Default: 64GiB",
            value: "size"
        ) { text, request throws(Diagnostic) in request.largestFile = try Quantity.bytes(text, "--max-file-size") },
    ]
}
