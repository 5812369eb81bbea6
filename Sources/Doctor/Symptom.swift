/// What goes wrong when a container is started, as its user sees it.
package struct Symptom: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case portDenied, portTaken, nonRoot, unknownUser, unknownAuthority, unknownZone, symbolVersion, sharedObject
        case executableStack, pythonModule, execFormat, readOnly, noSpace, temporaryDirectory, permissionDenied
        case noSuchFile, shell, globalization, fuse, nodeModule, javaVersion, javaClass, nameLookup, processor, memory,
            pull
    }

    package let kind: Kind
    /// Words of its messages, in lower case: a message shows the symptom if it has all the words of one list.
    let signs: [[String]]
    /// The message as it is known, for a list.
    package let message: String
    /// Why it happens.
    package let reason: String
    /// The codes of the rules that show it, or what they begin with.
    package let codes: [String]
    /// What to do if no finding has a better hint.
    package let hint: String

    /// Whether `text` is a message of this symptom; upper and lower case are the same.
    func isIn(_ text: String) -> Bool {
        let text = text.lowercased()
        return signs.contains { words in words.allSatisfy { text.contains($0) } }
    }

    /// A symptom, and the line of a log that shows it.
    package struct Sighting: Hashable, Sendable {
        package let symptom: Symptom
        package let line: String
    }

    private static let mostSightings = 3
    private static let longestLine = 4096

    /// The symptoms that a log shows, each with its first line, the most telling first; empty if there is none.
    ///
    /// - Parameter log: a message, or many lines. A message may stand in two lines.
    package static func sightings(in log: String) -> [Sighting] {
        var lines: [Kind: String] = [:]
        for line in log.split(whereSeparator: \.isNewline) {
            let line = String(line.prefix(longestLine))
            guard let symptom = find(in: line), lines[symptom.kind] == nil else { continue }
            lines[symptom.kind] = line
        }
        var found = all.compactMap { symptom in lines[symptom.kind].map { Sighting(symptom: symptom, line: $0) } }
        // Logs are full of things that are not found, and mean nothing by it.
        let telling = found.filter { ![.noSuchFile, .permissionDenied].contains($0.symptom.kind) }
        if !telling.isEmpty { found = telling }
        if found.isEmpty, let symptom = find(in: String(log.prefix(longestLine))) {
            found = [Sighting(symptom: symptom, line: String(log.prefix(longestLine)))]
        }
        return Array(found.prefix(mostSightings))
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
                ["pkix path building failed"], ["valid certification path"], ["tls ca certificate bundle"],
                ["certificate verify locations"],
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
                ["undefined symbol"],
            ],
            message: "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found",
            reason: "the program was linked with a newer library than the image has",
            codes: ["run.version", "run.libc-mismatch", "run.python-tag"],
            hint: "stand on a base as new as the machine that linked it, link on an older one, or link statically"
        ),
        Symptom(
            kind: .fuse,
            signs: [
                ["libfuse.so"], ["appimages require fuse"], ["fuse: device not found"], ["fuse: failed to open"],
                ["cannot mount appimage"],
            ],
            message: "dlopen(): error loading libfuse.so.2: AppImages require FUSE to run",
            reason: "an AppImage mounts itself when it starts, which a container may not do",
            codes: [],
            hint:
                "unpack it (`./NAME.AppImage --appimage-extract`), and build from `squashfs-root`, which starts `AppRun`"
        ),
        Symptom(
            kind: .globalization,
            signs: [["valid icu package"], ["icu", "globalization"], ["globalization-invariant"]],
            message: "Couldn't find a valid ICU package installed on the system",
            reason: ".NET asks for ICU's libraries, unless a variable says that it does without",
            codes: [],
            hint: "let it do without: `--env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1`"
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
            codes: ["run.executable-stack"],
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
            kind: .javaVersion,
            signs: [["unsupportedclassversionerror"], ["class file version"], ["class file has wrong version"]],
            message:
                "java.lang.UnsupportedClassVersionError: Main has been compiled by a more recent version of the Java Runtime",
            reason: "the classes were compiled for a newer Java than the image has",
            codes: [],
            hint:
                "compile for the base's Java (`--release 21` for `debian13/java-headless`, 17 for `debian12`), or choose a newer one"
        ),
        Symptom(
            kind: .javaClass,
            signs: [
                ["noclassdeffounderror"], ["classnotfoundexception"], ["could not find or load main class"],
                ["unable to access jarfile"], ["no main manifest attribute"],
            ],
            message: "Exception in thread \"main\" java.lang.NoClassDefFoundError: org/slf4j/Logger",
            reason: "Java found the class, or the archive, in no place of its class path",
            codes: [],
            hint:
                "put the archives that the program needs into `lib/` beside its own, and build from the directory; a jar is built "
                + "with those that its `Class-Path` names"
        ),
        Symptom(
            kind: .nameLookup,
            signs: [
                ["no such host"], ["eai_again"], ["getaddrinfo enotfound"], ["temporary failure in name resolution"],
                ["could not resolve host"], ["name or service not known"], ["server misbehaving"],
            ],
            message: "dial tcp: lookup db: no such host",
            reason:
                "the name is in no DNS that the container asks: engines write `/etc/resolv.conf` when they start it",
            codes: [],
            hint: "look for the name's server, network or namespace; no change to the image helps"
        ),
        Symptom(
            kind: .processor,
            signs: [["illegal instruction"], ["cpu does not support x86-64-v"], ["cpu isa level"], ["sigill"]],
            message: "Fatal glibc error: CPU does not support x86-64-v2",
            reason: "the program, or a library of the base, was compiled for a newer processor than the machine's",
            codes: [],
            hint: "build for the processor's level (`GOAMD64=v1`, `-march=x86-64`), or choose another base or machine"
        ),
        Symptom(
            kind: .memory,
            signs: [
                ["oomkilled"], ["exit code 137"], ["out of memory"], ["cannot allocate memory"], ["outofmemoryerror"],
            ],
            message: "OOMKilled, exit code 137",
            reason: "the container used more memory than its limit, and was killed",
            codes: [],
            hint: "raise the limit, or have the program use less; no change to the image helps"
        ),
        Symptom(
            kind: .pull,
            signs: [["imagepullbackoff"], ["errimagepull"], ["manifest unknown"], ["pull access denied"]],
            message: "ImagePullBackOff: manifest unknown",
            reason: "the node does not get the image: its name, its tag, or the right to read it is missing",
            codes: [],
            hint: "compare the name with what `coracle push` printed, and look at the pod's `imagePullSecrets`"
        ),
        Symptom(
            kind: .nodeModule,
            signs: [["cannot find module"], ["err_module_not_found"], ["cannot find package"]],
            message: "Error: Cannot find module 'express'",
            reason:
                "Node.js found the module neither beside the file that asks for it nor in a `node_modules` above it",
            codes: [],
            hint:
                "install the dependencies before the build (`npm ci --omit=dev`), or build what is compiled into `dist`"
        ),
        Symptom(
            kind: .shell,
            signs: [
                ["/bin/sh", "no such file"], ["/bin/bash", "no such file"], ["stat /bin/sh"], ["spawn /bin/sh enoent"],
                ["\"sh\": executable file not found"], ["\"/bin/sh\": executable"], ["\"bash\": executable file"],
            ],
            message: "exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
            reason:
                "something asks for a shell: the image's own start, a program, a probe, or `exec` into the container",
            codes: ["run.no-shell", "run.interpreter-missing"],
            hint:
                "start programs without a shell (probes and commands as lists of words), or stand on a base with one: `:debug` "
                + "has `/busybox/sh`"
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
