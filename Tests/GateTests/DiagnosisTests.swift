import Diagnostics
import Doctor
import Findings
import Gate
import Layers
import OCI
import Testing

@Suite("From a message to its cause") struct DiagnosisTests {
    @Test(
        "a real program's message is recognised",
        arguments: [
            ("exec /app/server: no such file or directory", Symptom.Kind.noSuchFile),
            (#"exec: "server": executable file not found in $PATH"#, .noSuchFile),
            ("env: 'python3\r': No such file or directory", .noSuchFile),
            (
                "/app/server: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /app/server)",
                .symbolVersion
            ),
            ("Error relocating /app/server: __fprintf_chk: symbol not found", .symbolVersion),
            (
                "error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory",
                .sharedObject
            ),
            (
                "Error loading shared library libssl.so.3: No such file or directory (needed by /app/server)",
                .sharedObject
            ),
            ("tls: failed to verify certificate: x509: certificate signed by unknown authority", .unknownAuthority),
            ("curl: (60) SSL certificate problem: unable to get local issuer certificate", .unknownAuthority),
            ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", .unknownAuthority),
            ("panic: unknown time zone Europe/Berlin", .unknownZone),
            ("zoneinfo._common.ZoneInfoNotFoundError: 'No time zone found with key Europe/Berlin'", .unknownZone),
            (#"exec: "/app/server": permission denied: unknown"#, .permissionDenied),
            ("listen tcp :80: bind: permission denied", .portDenied),
            ("Error: listen EADDRINUSE: address already in use :::8080", .portTaken),
            (
                "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root",
                .nonRoot
            ),
            ("container has runAsNonRoot and image will run as root", .nonRoot),
            ("exec /app/server: exec format error", .execFormat),
            ("open /app/x: read-only file system", .readOnly),
            ("write /tmp/x: no space left on device", .noSpace),
            ("open /tmp/upload-123: no such file or directory", .temporaryDirectory),
            ("FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp']", .temporaryDirectory),
            ("unable to find user app: no matching entries in passwd file", .unknownUser),
            ("user: unknown userid 1000", .unknownUser),
            (#"exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown"#, .shell),
            ("Error: spawn /bin/sh ENOENT", .shell), ("fork/exec /bin/sh: no such file or directory", .shell),
            ("Process terminated. Couldn't find a valid ICU package installed on the system.", .globalization),
            ("dlopen(): error loading libfuse.so.2", .fuse), ("Error: Cannot find module 'express'", .nodeModule),
            (
                "sun.security.validator.ValidatorException: PKIX path building failed: unable to find valid certification path",
                .unknownAuthority
            ),
            ("ImportError: /app/x.abi3.so: undefined symbol: PyType_GetName", .symbolVersion),
            ("java.lang.UnsupportedClassVersionError: A has been compiled by a more recent version", .javaVersion),
            ("Error: Could not find or load main class com.example.Main", .javaClass),
            ("Error: Unable to access jarfile /app/app.jar", .javaClass),
            ("getaddrinfo EAI_AGAIN db", .nameLookup), ("Last State: Terminated, Reason: OOMKilled", .memory),
            ("Fatal glibc error: CPU does not support x86-64-v2", .processor),
        ]
    )
    func known(text: String, kind: Symptom.Kind) {
        #expect(Symptom.find(in: text)?.kind == kind)
    }

    @Test("an uninformative message has no symptom", arguments: ["", "segmentation fault", "panic: nil map", "error"])
    func unknown(text: String) {
        #expect(Symptom.find(in: text) == nil)
    }

    @Test("every kind of symptom is known by its own message")
    func complete() {
        #expect(Set(Symptom.all.map(\.kind)) == Set(Symptom.Kind.allCases))
        for symptom in Symptom.all { #expect(Symptom.find(in: symptom.message) == symptom) }
    }

    private static func reasons(
        _ text: String,
        _ files: [MemoryRoot.File],
        _ change: (inout ImageConfig.Execution) -> Void = { _ in }
    ) throws -> [String] {
        var execution = ImageConfig.Execution()
        execution.user = "65532:65532"
        execution.entrypoint = ["/app/server"]
        change(&execution)
        let image = GatedImage(
            root: MemoryRoot(files),
            platform: Platform(os: "linux", architecture: "amd64"),
            execution: execution,
            base: nil
        )
        let symptom = try #require(Symptom.find(in: text))
        return try Diagnosis(symptom, text, image, try ImageGate.findings(in: image)).reasons
    }

    @Test(
        "a class or an archive that Java does not find is looked for in the image",
        arguments: [
            (
                "java.lang.NoClassDefFoundError: org/slf4j/Logger",
                "the image has no `org/slf4j/Logger.class` outside of archives; its archives are `/app/lib/a.jar`"
            ),
            (
                "Error: Could not find or load main class com.example.Main",
                "`/app/classes/com/example/Main.class` is in the image, and in no directory of the class path"
            ),
            ("Error: Unable to access jarfile /app/app.jar", "`/app/app.jar` is not in the image"),
            (
                "Error: Unable to access jarfile lib/a.jar",
                "`/app/lib/a.jar` is in the image: the user may not read it, or a mount hides it"
            ),
        ]
    )
    func javaClass(text: String, expected: String) throws {
        let files = [file("/app/lib/a.jar"), file("/app/classes/com/example/Main.class")]
        #expect(try Self.reasons(text, files) { $0.workingDir = "/app" } == [expected])
    }

    @Test("of a log with many lines the telling ones are explained, and not what is merely not found")
    func log() {
        let log = """
            GET /favicon.ico 404 not found
            listening on :8080
            2026-01-02 tls: failed to verify certificate: x509: certificate signed by unknown authority
            GET /robots.txt 404 not found
            panic: unknown time zone Europe/Berlin
            """
        let found = Symptom.sightings(in: log)
        #expect(found.map(\.symptom.kind) == [.unknownAuthority, .unknownZone])
        #expect(found.first?.line.hasPrefix("2026-01-02 tls") == true)
        #expect(Symptom.sightings(in: "all is well\nand goes on").isEmpty)
        #expect(Symptom.sightings(in: "open /x:\nno such file or directory\n").map(\.symptom.kind) == [.noSuchFile])
    }

    @Test("what a message names is looked for before anything is said of it")
    func named() throws {
        let server = file("/app/server", "x", 0o755)
        let missing = "error while loading shared libraries: libGL.so.1: cannot open shared object file: No such file"
        #expect(try Self.reasons(missing, [server]) == ["`libGL.so.1` is not in the image"])
        #expect(
            try Self.reasons(missing, [server, file("/opt/libGL.so.1")]).first
                == "`libGL.so.1` is in the image: `/opt/libGL.so.1`"
        )
        #expect(
            try Self.reasons(#"exec: "server": executable file not found in $PATH"#, [server]).contains(
                "the image has `/app/server`, which has to be started by its whole path"
            )
        )
        #expect(
            try Self.reasons("fork/exec /bin/sh: no such file or directory", [server, file("/busybox/sh")]) == [
                "`/bin/sh` is not in the image", "the image has `/busybox/sh`",
            ]
        )
        #expect(
            try Self.reasons("fork/exec /bin/sh: no such file or directory", [server, file("/bin/sh")]).first
                == "`/bin/sh` is in the image"
        )
        #expect(
            try Self.reasons("container has runAsNonRoot and image will run as root", [server]) == [
                "the image runs as `65532:65532`: uid 65532, gid 65532, which `runAsNonRoot` accepts"
            ]
        )
        #expect(
            try Self.reasons(
                "unable to find user app: no matching entries",
                [server, file("/etc/passwd", "root:x:0:0::/:\n")]
            )
            .last == "`/etc/passwd` has no `app`; it has root"
        )
        #expect(
            try Self.reasons(
                "Error: Cannot find module 'express'",
                [server, file("/app/node_modules/express/index.js")]
            )
                == ["`/app/node_modules/express` is in the image, and was not found there"]
        )
        #expect(
            try Self.reasons("Couldn't find a valid ICU package", [server]) == ["the image has no `libicuuc.so`"]
        )
        #expect(
            try Self.reasons("mkdir /.cache: permission denied", [server]).last == "the image does not set `HOME`"
        )
    }

    @Test("an authority that Go names is looked for in the bundle")
    func authority() throws {
        let path = "/etc/ssl/certs/ca-certificates.crt"
        // The bytes of `xxMy CAxx`.
        let pem = "-----BEGIN CERTIFICATE-----\neHhNeSBDQXh4\n-----END CERTIFICATE-----\n"
        func reason(_ name: String) throws -> String? {
            try Self.reasons(
                #"x509: certificate signed by unknown authority (possibly because of "x" while trying to verify candidate authority certificate "\#(name)")"#,
                [file("/app/server", "x", 0o755), file(path, pem)]
            ).last
        }
        #expect(try reason("My CA")?.hasSuffix("has `My CA`: another image ran, or a mount hides it") == true)
        #expect(try reason("Other CA")?.hasSuffix("has no `Other CA`") == true)
    }

    @Test("the reasons are facts about the image")
    func reasons() throws {
        let server = file("/app/server", "x", 0o755)
        #expect(
            try Self.reasons("x509: certificate signed by unknown authority", [server]) == [
                "the image has no bundle of certificate authorities, such as `/etc/ssl/certs/ca-certificates.crt`"
            ]
        )
        #expect(
            try Self.reasons("unknown time zone Europe/Berlin", [server, file("/usr/share/zoneinfo/UTC")]) == [
                "`/usr/share/zoneinfo/Europe/Berlin` is not in the image"
            ]
        )
        #expect(try Self.reasons("open /tmp/x: no such file or directory", [server]) == ["the image has no `/tmp`"])
        let denied = try Self.reasons("exec /app/server: permission denied", [file("/app/server", "x", 0o700)])
        #expect(
            denied.first
                == "user 65532:65532 may not execute `/app/server`: permission denied: its mode is 0700, it belongs to 0:0, and it is what starts"
        )
        #expect(
            try Self.reasons("open /data/x: permission denied", [server, directory("/data", 0o700)]) == [
                "user 65532:65532 may not enter `/data` on the way to `/data/x`",
                "the image runs as `65532:65532`: uid 65532, gid 65532",
            ]
        )
        #expect(
            try Self.reasons("exec /app/server: no such file or directory", []).first?.contains("/app/server") == true
        )
    }
}
