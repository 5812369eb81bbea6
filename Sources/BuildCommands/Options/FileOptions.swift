import ArgumentParser
import Diagnostics
import OCI
import Request
import SharedOptions

/// What an image stands on, and the files that go into it.
struct FileOptions: ParsableArguments {
    @Option(flag: "base") var base: String?
    @Option(flag: "platform") var platform: [String] = []
    @Flag(flag: "no-build") var noBuild = false
    @Option(flag: "bin") var bin: String?
    @Flag(flag: "twice") var twice = false
    @Option(flag: "dest") var dest: String?
    @Option(flag: "add") var add: [String] = []
    @Option(flag: "add-from") var addFrom: [String] = []
    @Option(flag: "write") var write: [String] = []
    @Option(flag: "mkdir") var mkdir: [String] = []
    @Option(flag: "symlink") var symlink: [String] = []
    @Option(flag: "chown") var chown: String?
    @Option(flag: "chmod") var chmod: String?
    @Flag(flag: "allow-escaping-symlinks") var allowEscapingSymlinks = false
    @Option(flag: "xattrs") var xattrs: String?
    @Option(flag: "max-file-size") var maxFileSize: String?
}

extension BuildOptions {
    /// The options under "Files" that are about source.
    static let sourceFlags: [BuildFlag] = [
        .flag(
            "no-build",
            \.files.noBuild,
            "Take a directory as it is, also if it is source."
        ) { $0.buildsSource = false },
        .text(
            "bin",
            \.files.bin,
            "Of source with several programs, build this one.",
            value: "name"
        ) { name, request in request.program = name },
        .flag(
            "twice",
            \.files.twice,
            "Build source a second time in another place, and refuse it if other bytes come out."
        ) { $0.buildsTwice = true },
    ]

    /// The others under "Files".
    static let fileFlags: [BuildFlag] = [
        .text(
            "base",
            \.files.base,
            """
            Build on this image: a reference, oci:DIR[:REF], oci-archive:FILE[:REF], a base that `coracle base list` \
            shows, or scratch. Default: scratch for static programs
            """,
            value: "image",
            spelled: .init(short: "b", aliases: ["from"], inGroup: "from"),
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
            "Add a file, a directory, or what a pattern matches: SRC:DST[:MODE[:UID:GID]]. Repeatable.",
            value: "spec",
            key: .addition
        ) { text, request throws(Diagnostic) in request.additions += try Addition(parsing: text).matches },
        .each(
            "add-from",
            \.files.addFrom,
            "Add files of another image: IMAGE=SRC:DST[:MODE[:UID:GID]]. Repeatable.",
            value: "spec",
            key: .imageAddition
        ),
        .each(
            "write",
            \.files.write,
            "Write a file with this text: PATH[:MODE[:UID:GID]]=TEXT. Default: 0644:0:0. Repeatable.",
            value: "spec",
            key: .text
        ) { text, request throws(Diagnostic) in request.made.append(try MadeEntry(file: text)) },
        .each(
            "mkdir",
            \.files.mkdir,
            "Make a directory: PATH[:MODE[:UID:GID]]. Default: 0755:0:0. Repeatable.",
            value: "spec"
        ) { text, request throws(Diagnostic) in request.made.append(try MadeEntry(directory: text)) },
        .each(
            "symlink",
            \.files.symlink,
            "Make a symlink: PATH:TARGET. Repeatable.",
            value: "spec"
        ) { text, request throws(Diagnostic) in request.made.append(try MadeEntry(symlink: text)) },
        .text(
            "chown",
            \.files.chown,
            "Who owns the application's files: UID[:GID]. Default: 0:0",
            value: "owner"
        ) { text, request throws(Diagnostic) in request.owner = try owner(text) },
        .text(
            "chmod",
            \.files.chmod,
            "The mode of the application's files, such as 0750; programs and directories get x where they have r. g=u: 0775",
            value: "mode"
        ) { text, request throws(Diagnostic) in request.mode = try mode(text) },
        .flag(
            "allow-escaping-symlinks",
            \.files.allowEscapingSymlinks,
            "Keep symlinks that lead out of the directory as they are."
        ) { $0.allowsEscapingSymlinks = true },
        .text(
            "xattrs",
            \.files.xattrs,
            "Keep this attribute of programs: security.capability, which `setcap` sets.",
            value: "name"
        ) { text, request throws(Diagnostic) in
            guard text == "security.capability" else {
                let reason = "no other attribute means the same in an image"
                throw .optionMalformed(
                    .usageMalformed,
                    "--xattrs",
                    text,
                    because: reason,
                    example: "security.capability"
                )
            }
            request.keepsCapabilities = true
        },
        .text(
            "max-file-size",
            \.files.maxFileSize,
            "Refuse larger files, such as 500MB or 2GiB. Default: 64GiB",
            value: "size"
        ) { text, request throws(Diagnostic) in request.largestFile = try Quantity.bytes(text, "--max-file-size") },
    ]

    private static func owner(_ text: String) throws(Diagnostic) -> UserID {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map { UserID.number($0) }
        guard (1...2).contains(fields.count), let uid = fields[0], let gid = fields.count == 2 ? fields[1] : uid else {
            let reason = "it is not UID or UID:GID, in numbers"
            throw .optionMalformed(.usageMalformed, "--chown", text, because: reason, example: "65532:0")
        }
        return UserID(uid: uid, gid: gid)
    }

    private static func mode(_ text: String) throws(Diagnostic) -> UInt16 {
        // OpenShift starts programs as any user in root's group, which then has the rights of the owner.
        if text == "g=u" { return 0o775 }
        guard let mode = UInt16(octal: text), mode & 0o400 != 0 else {
            let reason = "it is not a mode in octal digits with which the owner may read"
            throw .optionMalformed(.usageMalformed, "--chmod", text, because: reason, example: "0750")
        }
        return mode
    }
}
