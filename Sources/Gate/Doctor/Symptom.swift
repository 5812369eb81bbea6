/// What goes wrong when a container is started, as its user sees it.
package struct Symptom: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case portDenied, portTaken, nonRoot, unknownUser, unknownAuthority, unknownZone, symbolVersion, sharedObject
        case executableStack, pythonModule, execFormat, readOnly, noSpace, temporaryDirectory, permissionDenied
        case noSuchFile
    }

    package let kind: Kind
    /// What messages of it have in them, in small letters; any one of them, with all its words.
    let signs: [[String]]
    /// The message as it is known, for a list.
    package let message: String
    package let cause: String
    /// The codes of the rules that show it, or what they begin with.
    let codes: [String]
    /// What mends it where no finding says better.
    package let cure: String

    /// Whether `text` tells of it. Letters' case does not count.
    func isIn(_ text: String) -> Bool {
        let text = text.lowercased()
        return signs.contains { words in words.allSatisfy { text.contains($0) } }
    }

    /// The first that `text` tells of; nil for a text that says something else.
    package static func find(in text: String) -> Symptom? { all.first { $0.isIn(text) } }

    /// The special ones before the general: many messages end in `no such file or directory`.
    package static let all: [Symptom] = [
        Symptom(
            kind: .portDenied,
            signs: [["bind", "permission denied"], ["listen tcp", "permission denied"], ["bind", "eacces"]],
            message: "listen tcp :80: bind: permission denied",
            cause: "a process that is not root may not listen on ports below 1024",
            codes: ["user.port"],
            cure: "let the program listen on a port from 1024 on, and the service map it; `--expose 8080` says which"
        ),
        Symptom(
            kind: .portTaken,
            signs: [["address already in use"], ["eaddrinuse"]],
            message: "bind: address already in use",
            cause:
                "another process has the port: in the container a second copy of the program, on the host's network another",
            codes: [],
            cure: "stop the other one, or give the program another port; no image can mend it"
        ),
        Symptom(
            kind: .nonRoot,
            signs: [["cannot verify user is non-root"], ["image will run as root"], ["runasnonroot"]],
            message: "image has non-numeric user, cannot verify user is non-root",
            cause: "Kubernetes' `runAsNonRoot` believes only a number other than 0",
            codes: ["user.not-numeric", "user.root"],
            cure: "build with `--user 65532:65532`, which coracle writes by itself where no user is asked for"
        ),
        Symptom(
            kind: .unknownUser,
            signs: [
                ["unable to find user"], ["unknown userid"], ["unknown user"], ["no matching entries in passwd"],
                ["no users found"], ["getpwuid"], ["no passwd entry"],
            ],
            message: "unable to find user app: no matching entries in passwd file",
            cause: "the user is not in the image's `/etc/passwd`",
            codes: ["user.unknown", "user.home"],
            cure: "build with a number for `--user`, and without `--no-runtime`, which leaves `/etc/passwd` out"
        ),
        Symptom(
            kind: .unknownAuthority,
            signs: [
                ["unknown authority"], ["certificate verify failed"], ["unable to get local issuer"],
                ["self-signed certificate in certificate chain"], ["self signed certificate in certificate chain"],
                ["unable to get issuer"], ["x509", "root"], ["no trusted certificate"],
            ],
            message: "x509: certificate signed by unknown authority",
            cause: "the program finds no certificate authority that vouches for the server",
            codes: [],
            cure: "build without `--no-ca`; for an authority of your own add it with `--ca FILE`"
        ),
        Symptom(
            kind: .unknownZone,
            signs: [["unknown time zone"], ["zoneinfonotfound"], ["no time zone found"], ["unknown timezone"]],
            message: "unknown time zone Europe/Berlin",
            cause: "the program finds no such zone in `/usr/share/zoneinfo`",
            codes: [],
            cure: "build without `--no-zoneinfo`; a Go program can bring its own with `-tags timetzdata`"
        ),
        Symptom(
            kind: .symbolVersion,
            signs: [
                ["version `", "not found"], ["version '", "not found"], ["glibc_", "not found"],
                ["glibcxx_", "not found"], ["symbol lookup error"], ["error relocating"], ["symbol not found"],
            ],
            message: "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found",
            cause: "the program was linked with a newer library than the image has",
            codes: ["run.version", "run.libc-mismatch"],
            cure: "stand on a base as new as the machine that linked it, link on an older one, or link statically"
        ),
        Symptom(
            kind: .sharedObject,
            signs: [["cannot open shared object file"], ["error loading shared library"], ["library not found"]],
            message: "error while loading shared libraries: libssl.so.3: cannot open shared object file",
            cause: "the loader finds a library nowhere that it looks",
            codes: ["run.library", "run.loader-missing", "user.unreadable"],
            cure: "stand on a base that has it, add it with `--add`, or link it statically"
        ),
        Symptom(
            kind: .executableStack,
            signs: [["cannot enable executable stack"]],
            message: "libx.so: cannot enable executable stack as shared object requires: Invalid argument",
            cause:
                "a library asks for a stack that code runs on, which glibc 2.41 and newer refuses what is loaded late",
            codes: ["run.unprotected"],
            cure: "link it with `-Wl,-z,noexecstack`, or clear its mark with `patchelf --clear-execstack`"
        ),
        Symptom(
            kind: .pythonModule,
            signs: [["modulenotfounderror"], ["no module named"]],
            message: "ModuleNotFoundError: No module named 'x'",
            cause: "Python finds no module of that name where it looks, or only one for another Python",
            codes: ["run.python-tag"],
            cure:
                "install the package for the image's Python into the application, as by `pip install --target site-packages`"
        ),
        Symptom(
            kind: .execFormat,
            signs: [["exec format error"], ["cannot execute binary file"]],
            message: "exec /app/server: exec format error",
            cause: "what starts is for another processor, or a script without a first line that names its interpreter",
            codes: ["run.machine-mismatch", "run.not-a-program", "run.damaged", "run.shebang"],
            cure: "build it for the platform of the machine, or begin the script with `#!`"
        ),
        Symptom(
            kind: .readOnly,
            signs: [["read-only file system"], ["erofs"]],
            message: "open /app/cache: read-only file system",
            cause: "the container's root filesystem is mounted read-only, and the program writes into it",
            codes: [],
            cure: "mount what it writes into: `--volume PATH` says so, and `--kubernetes` prints an `emptyDir` for each"
        ),
        Symptom(
            kind: .noSpace,
            signs: [["no space left on device"], ["enospc"], ["disk quota exceeded"]],
            message: "write /tmp/x: no space left on device",
            cause: "the node's disk, or the limit of an `emptyDir`, is used up",
            codes: [],
            cure: "give the `emptyDir` a larger `sizeLimit`, or write less; no image can mend it"
        ),
        Symptom(
            kind: .temporaryDirectory,
            signs: [
                ["/tmp", "no such file"], ["no usable temporary directory"], ["temporary directory"],
                ["createtemp", "no such file"],
            ],
            message: "open /tmp/x: no such file or directory",
            cause: "the image has no `/tmp`, or the user may not write there",
            codes: [],
            cure: "build without `--no-runtime`, which leaves `/tmp` out"
        ),
        Symptom(
            kind: .permissionDenied,
            signs: [["permission denied"], ["eacces"], ["operation not permitted"]],
            message: "exec /app/server: permission denied",
            cause: "mode or owner of a file, or of a directory above it, keeps the container's user out",
            codes: ["user.permission-denied", "user.unreadable", "user.workdir", "user.home", "run.not-executable"],
            cure: "add the file with a mode and owner, `--add SRC:DST:0755:65532:65532`, or choose another `--user`"
        ),
        Symptom(
            kind: .noSuchFile,
            signs: [["no such file or directory"], ["not found"], ["enoent"], ["executable file not found"]],
            message: "exec /app/server: no such file or directory",
            cause: "the program, its loader or its interpreter is not in the image",
            codes: [
                "run.program-missing", "run.loader-missing", "run.interpreter-missing", "run.carriage-return",
                "run.shebang", "run.libc-mismatch", "run.library",
            ],
            cure: "link it statically, or stand on a base that has what it needs"
        ),
    ]
}
