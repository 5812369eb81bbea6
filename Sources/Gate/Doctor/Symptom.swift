/// What goes wrong when a container is started, as its user sees it.
package struct Symptom: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case portDenied, portTaken, nonRoot, unknownUser, unknownAuthority, unknownZone, symbolVersion, sharedObject
        case executableStack, pythonModule, execFormat, readOnly, noSpace, temporaryDirectory, permissionDenied
        case noSuchFile
    }

    package let kind: Kind
    /// Words of its messages, in lower case: a message shows the symptom if it has all the words of one list.
    let signs: [[String]]
    /// The message as it is known, for a list.
    package let message: String
    /// Why it happens.
    package let reason: String
    /// The codes of the rules that show it, or what they begin with.
    let codes: [String]
    /// What to do if no finding has a better hint.
    package let hint: String

    /// Whether `text` is a message of this symptom; upper and lower case are the same.
    func isIn(_ text: String) -> Bool {
        let text = text.lowercased()
        return signs.contains { words in words.allSatisfy { text.contains($0) } }
    }

    /// The first symptom that `text` is a message of; `nil` if there is none.
    package static func find(in text: String) -> Symptom? { all.first { $0.isIn(text) } }

    /// All symptoms, the special before the general: many messages end in `no such file or directory`.
    package static let all: [Symptom] = [
        Symptom(
            kind: .portDenied,
            signs: [["bind", "permission denied"], ["listen tcp", "permission denied"], ["bind", "eacces"]],
            message: "listen tcp :80: bind: permission denied",
            reason: "a process that is not root may not listen on ports below 1024",
            codes: ["user.port"],
            hint: "let the program listen on a port from 1024 on, and the service map it; `--expose 8080` says which"
        ),
        Symptom(
            kind: .portTaken,
            signs: [["address already in use"], ["eaddrinuse"]],
            message: "bind: address already in use",
            reason:
                "another process listens on the port: a second copy of the program, or one on the host's network",
            codes: [],
            hint: "stop the other process, or give the program another port; no change to the image helps"
        ),
        Symptom(
            kind: .nonRoot,
            signs: [["cannot verify user is non-root"], ["image will run as root"], ["runasnonroot"]],
            message: "image has non-numeric user, cannot verify user is non-root",
            reason: "Kubernetes' `runAsNonRoot` accepts only a number other than 0",
            codes: ["user.not-numeric", "user.root"],
            hint: "build with `--user 65532:65532`, which is coracle's default"
        ),
        Symptom(
            kind: .unknownUser,
            signs: [
                ["unable to find user"], ["unknown userid"], ["unknown user"], ["no matching entries in passwd"],
                ["no users found"], ["getpwuid"], ["no passwd entry"],
            ],
            message: "unable to find user app: no matching entries in passwd file",
            reason: "the user is not in the image's `/etc/passwd`",
            codes: ["user.unknown", "user.home"],
            hint: "build with a number for `--user`, and without `--no-runtime`, which leaves `/etc/passwd` out"
        ),
        Symptom(
            kind: .unknownAuthority,
            signs: [
                ["unknown authority"], ["certificate verify failed"], ["unable to get local issuer"],
                ["self-signed certificate in certificate chain"], ["self signed certificate in certificate chain"],
                ["unable to get issuer"], ["x509", "root"], ["no trusted certificate"],
            ],
            message: "x509: certificate signed by unknown authority",
            reason: "the program has no certificate authority that it could trust the server by",
            codes: [],
            hint: "build without `--no-ca`; add an authority of your own with `--ca FILE`"
        ),
        Symptom(
            kind: .unknownZone,
            signs: [["unknown time zone"], ["zoneinfonotfound"], ["no time zone found"], ["unknown timezone"]],
            message: "unknown time zone Europe/Berlin",
            reason: "the program did not find the zone in `/usr/share/zoneinfo`",
            codes: [],
            hint: "build without `--no-zoneinfo`; a Go program can bring its own with `-tags timetzdata`"
        ),
        Symptom(
            kind: .symbolVersion,
            signs: [
                ["version `", "not found"], ["version '", "not found"], ["glibc_", "not found"],
                ["glibcxx_", "not found"], ["symbol lookup error"], ["error relocating"], ["symbol not found"],
            ],
            message: "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found",
            reason: "the program was linked with a newer library than the image has",
            codes: ["run.version", "run.libc-mismatch"],
            hint: "stand on a base as new as the machine that linked it, link on an older one, or link statically"
        ),
        Symptom(
            kind: .sharedObject,
            signs: [["cannot open shared object file"], ["error loading shared library"], ["library not found"]],
            message: "error while loading shared libraries: libssl.so.3: cannot open shared object file",
            reason: "a library is in none of the directories that the loader searches",
            codes: ["run.library", "run.loader-missing", "user.unreadable"],
            hint: "stand on a base that has it, add it with `--add`, or link it statically"
        ),
        Symptom(
            kind: .executableStack,
            signs: [["cannot enable executable stack"]],
            message: "libx.so: cannot enable executable stack as shared object requires: Invalid argument",
            reason:
                "a library asks for an executable stack, which glibc 2.41 and newer refuse to libraries loaded at run time",
            codes: ["run.unprotected"],
            hint: "link it with `-Wl,-z,noexecstack`, or clear its mark with `patchelf --clear-execstack`"
        ),
        Symptom(
            kind: .pythonModule,
            signs: [["modulenotfounderror"], ["no module named"]],
            message: "ModuleNotFoundError: No module named 'x'",
            reason: "Python did not find a module of that name, or only one for another version of Python",
            codes: ["run.python-tag"],
            hint:
                "install the package for the image's Python into the application, as by `pip install --target site-packages`"
        ),
        Symptom(
            kind: .execFormat,
            signs: [["exec format error"], ["cannot execute binary file"]],
            message: "exec /app/server: exec format error",
            reason: "what starts is for another processor, or a script without a first line that names its interpreter",
            codes: ["run.machine-mismatch", "run.not-a-program", "run.damaged", "run.shebang"],
            hint: "build it for the platform of the machine, or begin the script with `#!`"
        ),
        Symptom(
            kind: .readOnly,
            signs: [["read-only file system"], ["erofs"]],
            message: "open /app/cache: read-only file system",
            reason: "the container's root filesystem is mounted read-only, and the program writes into it",
            codes: [],
            hint:
                "declare each directory that it writes into with `--volume PATH`; `--kubernetes` prints an `emptyDir` for each"
        ),
        Symptom(
            kind: .noSpace,
            signs: [["no space left on device"], ["enospc"], ["disk quota exceeded"]],
            message: "write /tmp/x: no space left on device",
            reason: "the node's disk, or the limit of an `emptyDir`, is used up",
            codes: [],
            hint: "give the `emptyDir` a larger `sizeLimit`, or write less; no change to the image helps"
        ),
        Symptom(
            kind: .temporaryDirectory,
            signs: [
                ["/tmp", "no such file"], ["no usable temporary directory"], ["temporary directory"],
                ["createtemp", "no such file"],
            ],
            message: "open /tmp/x: no such file or directory",
            reason: "the image has no `/tmp`, or the user may not write there",
            codes: [],
            hint: "build without `--no-runtime`, which leaves `/tmp` out"
        ),
        Symptom(
            kind: .permissionDenied,
            signs: [["permission denied"], ["eacces"], ["operation not permitted"]],
            message: "exec /app/server: permission denied",
            reason: "the mode or owner of a file, or of a directory above it, denies access to the container's user",
            codes: ["user.permission-denied", "user.unreadable", "user.workdir", "user.home", "run.not-executable"],
            hint: "add the file with a mode and owner, `--add SRC:DST:0755:65532:65532`, or choose another `--user`"
        ),
        Symptom(
            kind: .noSuchFile,
            signs: [["no such file or directory"], ["not found"], ["enoent"], ["executable file not found"]],
            message: "exec /app/server: no such file or directory",
            reason: "the program, its loader or its interpreter is not in the image",
            codes: [
                "run.program-missing", "run.loader-missing", "run.interpreter-missing", "run.carriage-return",
                "run.shebang", "run.libc-mismatch", "run.library",
            ],
            hint: "link it statically, or stand on a base that has what it needs"
        ),
    ]
}
