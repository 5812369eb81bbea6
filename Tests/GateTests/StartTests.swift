import ELF
import Findings
import Gate
import Testing

@Suite("What an image starts")
struct StartTests {
    @Test("exec /app: no such file or directory")
    func loaderMissing() throws {
        var root = LibraryRoot()
        root.file("/app/server", .program())
        let findings = try root.findings(base: nil)
        #expect(findings.map(\.rule.code) == ["run.loader-missing"])
        #expect(findings.first?.reason?.contains("`/lib64/ld-linux-x86-64.so.2`") == true)
        #expect(findings.first?.reason?.contains("no such file or directory") == true)
        #expect(findings.first?.hint?.contains("--base") == true)
    }

    @Test("exec /app: no such file or directory, of a script whose interpreter is missing")
    func interpreterMissing() throws {
        var root = LibraryRoot()
        root.file("/app/server", .script("/bin/sh"))
        #expect(try root.found() == ["run.interpreter-missing /app/server"])
        root.file("/bin/sh", .made(.staticExecutable))
        #expect(try root.found() == [])
    }

    @Test(
        "a tool of busybox that ignores SIGTERM is reported, unless the image names another signal",
        arguments: [
            (["/busybox/busybox", "httpd", "-f"], nil, true), (["/busybox/httpd", "-f"], nil, true),
            (["/busybox/busybox", "httpd", "-f"], "SIGKILL", false), (["/busybox/busybox", "ls"], nil, false),
            (["/busybox/busybox"], nil, false),
        ] as [([String], String?, Bool)]
    )
    func stopSignal(words: [String], signal: String?, isTold: Bool) throws {
        var root = LibraryRoot()
        root.file("/busybox/busybox", .made(.staticExecutable))
        root.link("/busybox/httpd", "busybox")
        let findings = try root.findings(starting: words, stopSignal: signal)
        #expect(findings.map(\.rule.code) == (isTold ? ["run.stop-signal"] : []))
    }

    @Test("env: 'python3': No such file or directory")
    func environmentInterpreter() throws {
        var root = LibraryRoot()
        root.file("/usr/bin/env", .made(.staticExecutable))
        root.file("/app/server", .script("/usr/bin/env", "python3"))
        #expect(try root.found() == ["run.interpreter-missing /app/server"])
        root.file("/usr/bin/python3", .made(.staticExecutable))
        #expect(try root.found() == [])
        #expect(try root.found(environment: ["PATH=/opt"]) == ["run.interpreter-missing /app/server"])
    }

    @Test("without `env` the entry point that works is printed")
    func withoutEnv() throws {
        var root = LibraryRoot()
        root.file("/usr/local/bin/node", .made(.staticExecutable))
        root.file("/app/server", .script("/usr/bin/env", "node"))
        let finding = try #require(try root.findings().first)
        #expect(finding.rule.code == "run.interpreter-missing")
        #expect(finding.hint?.contains(#"--entrypoint '["/usr/local/bin/node", "/app/server"]'"#) == true)
    }

    @Test("interpreters that are scripts are followed, at most five", arguments: 1...6)
    func nested(count: Int) throws {
        var root = LibraryRoot()
        root.file("/app/program", .made(.staticExecutable))
        for number in 1...count {
            root.file("/app/s\(number)", .script(number == count ? "/app/program" : "/app/s\(number + 1)"))
        }
        let found = try root.found(starting: "/app/s1")
        #expect(found == (count <= 5 ? [] : ["run.interpreter-loop /app/s5"]))
    }

    @Test("a script that is its own interpreter does not start")
    func selfRead() throws {
        var root = LibraryRoot()
        root.file("/app/server", .script("/app/server"))
        #expect(try root.found() == ["run.interpreter-loop /app/server"])
    }

    @Test("a script, text or a directory is not a loader", arguments: ["script", "text", "directory"])
    func badLoader(kind: String) throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(loader: "/app/ld.so"))
        switch kind {
        case "script": root.file("/app/ld.so", .script("/bin/sh"))
        case "text": root.file("/app/ld.so", content: Array("x".utf8))
        default: root.file("/app/ld.so/x")
        }
        #expect(try root.found() == ["run.loader-missing /app/server"])
    }

    @Test("a program that its own loader starts has the loader's libraries")
    func throughLoader() throws {
        var root = LibraryRoot()
        root.file("/app/lib/ld-linux-x86-64.so.2", .library("ld-linux-x86-64.so.2"))
        root.file("/app/lib/libc.so.6", .library("libc.so.6"))
        root.file("/app/bin/server", .program(["libc.so.6", "libx.so.1"]))
        let start = ["/app/lib/ld-linux-x86-64.so.2", "--library-path", "/app/lib", "/app/bin/server"]
        #expect(try root.findings(starting: start).map(\.rule.code) == ["run.library-missing"])
        root.file("/app/lib/libx.so.1", .library("libx.so.1"))
        #expect(try root.findings(starting: start).isEmpty)
    }

    @Test("of addons that stand in for each other one has to fit")
    func twins() throws {
        let folder = "/app/node_modules/@next"
        var root = LibraryRoot.debian()
        root.file("/usr/bin/node", .program())
        root.file(
            "\(folder)/swc-linux-x64-musl/swc.linux-x64-musl.node",
            .library("a", needed: ["libc.musl-x86_64.so.1"])
        )
        #expect(
            try root.found(starting: "/usr/bin/node") == [
                "run.library-missing \(folder)/swc-linux-x64-musl/swc.linux-x64-musl.node"
            ]
        )
        root.file("\(folder)/swc-linux-x64-gnu/swc.linux-x64-gnu.node", .library("a", needed: ["libc.so.6"]))
        #expect(
            try root.found(starting: "/usr/bin/node") == [
                "junk.foreign-binary \(folder)/swc-linux-x64-musl/swc.linux-x64-musl.node"
            ]
        )
    }

    @Test("an addon for other machines only is an error, and is not one beside one that fits")
    func foreignAddon() throws {
        let folder = "/app/node_modules/bufferutil/prebuilds"
        var root = LibraryRoot.debian()
        root.file("/usr/bin/node", .program())
        root.file(
            "\(folder)/linux-arm64/node.napi.armv8.node",
            .library("a", machine: .aarch64, architecture: "arm64")
        )
        #expect(
            try root.found(starting: "/usr/bin/node") == [
                "run.machine-mismatch \(folder)/linux-arm64/node.napi.armv8.node"
            ]
        )
        root.file("\(folder)/linux-x64/node.napi.node", .library("a", needed: ["libc.so.6"]))
        #expect(
            try root.found(starting: "/usr/bin/node") == [
                "junk.foreign-binary \(folder)/linux-arm64/node.napi.armv8.node"
            ]
        )
    }

    @Test("a carriage return behind the interpreter is named, not the interpreter")
    func carriageReturn() throws {
        var root = LibraryRoot()
        root.file("/bin/sh", .made(.staticExecutable))
        root.file("/app/server", .script("/bin/sh", endsInCarriageReturn: true))
        #expect(try root.found() == ["run.carriage-return /app/server"])
    }

    @Test("exec format error, of what is neither program nor script")
    func formatError() throws {
        var root = LibraryRoot()
        root.file("/app/server")
        #expect(try root.found() == ["run.not-a-program /app/server"])
    }

    @Test(
        "what starts below a place where engines mount something is hidden",
        arguments: ["proc", "sys", "dev", "process"]
    )
    func mountedOver(place: String) throws {
        var root = LibraryRoot.debian()
        root.file("/\(place)/app/server", .program())
        let found = try root.found(starting: "/\(place)/app/server")
        #expect(found.contains("run.mounted-over /\(place)/app/server") == (place != "process"), "\(found)")
    }

    @Test("permission denied, of a program without an execute bit")
    func permissionDenied() throws {
        var root = LibraryRoot()
        root.file("/app/server", .made(.staticExecutable), mode: 0o644)
        #expect(try root.found() == ["run.not-executable /app/server"])
    }

    @Test("a file in PATH that may not be executed is passed over for one that may")
    func passedOver() throws {
        var root = LibraryRoot()
        root.file("/a/server", .made(.staticExecutable), mode: 0o644)
        root.file("/b/server", .made(.staticExecutable))
        #expect(try root.found(starting: "server", environment: ["PATH=/a:/b"]) == [])
        #expect(try root.found(starting: "server", environment: ["PATH=/a"]) == ["run.not-executable /a/server"])
    }

    @Test("an empty PATH has no program in it, as in runc")
    func emptySearchPath() throws {
        var root = LibraryRoot()
        root.file("/bin/server", .made(.staticExecutable))
        #expect(try root.found(starting: "server") == [])
        #expect(try root.found(starting: "server", environment: ["PATH="]) == ["run.program-missing "])
    }

    @Test("a program that is not there", arguments: ["/app/none", "none", "./none"])
    func missing(name: String) throws {
        #expect(try LibraryRoot().found(starting: name) == ["run.program-missing "])
    }

    @Test("an image that starts nothing breaks nothing by it")
    func nothing() throws {
        #expect(try LibraryRoot.debian().found(starting: nil) == [])
    }

    @Test(
        "programs of one C library do not run with the other",
        arguments: [
            ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"),
            ("/lib/ld-musl-x86_64.so.1", "/lib64/ld-linux-x86-64.so.2"),
        ]
    )
    func mixed(wanted: String, present: String) throws {
        var root = LibraryRoot()
        root.file(present, .library("ld"))
        root.file("/app/server", .program(loader: wanted))
        #expect(try root.found() == ["run.libc-mismatch /app/server"])
    }

    @Test(
        "a program for another machine is refused, and asked for nothing else",
        arguments: [("arm64", true), ("386", false), ("s390x", true), ("amd64", false)]
    )
    func machine(architecture: String, isRefused: Bool) throws {
        var root = LibraryRoot()
        root.file("/app/x", .made(.staticExecutable, architecture: architecture))
        #expect(try root.found(starting: nil) == (isRefused ? ["run.machine-mismatch /app/x"] : []))
    }

    @Test("a library for another machine is reported and refuses nothing, and so is a program of a dependency")
    func carried() throws {
        var root = LibraryRoot()
        root.file("/app/node_modules/a/bin/a", .made(.staticExecutable, architecture: "arm64"))
        root.file("/app/x.so", .library("x.so", architecture: "arm64"))
        #expect(
            try root.found(starting: nil) == [
                "junk.foreign-binary /app/node_modules/a/bin/a", "junk.foreign-binary /app/x.so",
            ]
        )
    }

    @Test("a static program with name services is warned of where there is another glibc", arguments: [true, false])
    func staticGlibc(hasServices: Bool) throws {
        // On the border of two windows.
        let filler = [UInt8](repeating: 0x78, count: (1 << 20) - 5)
        let content = filler + Array((hasServices ? "libnss_%s.so%s" : "libnss_files.so.2").utf8)
        var root = LibraryRoot()
        root.file("/app/server", .made(.staticExecutable), content: content)
        #expect(try root.found() == [])
        root.file("/lib/x86_64-linux-gnu/libc.so.6", .library("libc.so.6"))
        #expect(try root.found() == (hasServices ? ["run.static-glibc /app/server"] : []))
    }

    @Test("a packed or damaged file is a warning; an object file is not reported")
    func uninspectable() throws {
        var root = LibraryRoot()
        root.file("/app/a", .made(.packed(.upx)))
        root.file("/app/b", .damaged(reason: "it ends"))
        root.file("/app/c.o", .made(.relocatable))
        #expect(try root.found(starting: nil) == ["run.damaged /app/b", "run.packed /app/a"])
    }

    @Test("cannot enable executable stack as shared object requires: a note, unless the file is a base's")
    func unprotected() throws {
        let plugin = FileFacts.made(.sharedLibrary(soname: nil), weaknesses: [.executableStack, .textRelocations])
        var root = LibraryRoot.debian()
        root.file("/usr/lib/base.so", plugin)
        root.file("/app/plugin.so", plugin)
        let findings = try root.findings(starting: nil)
        #expect(findings.map { $0.rule.code } == ["run.unprotected"])
        #expect(findings.first?.rule.severity == .note)
        #expect(
            findings.first?.reason == "its stack may be executed, the loader writes into its code; "
                + "`dlopen` of glibc 2.41 and newer refuses a library with such a stack"
        )
    }

    @Test(
        "an extension module is for the Python that the image has",
        arguments: [
            ("_x.cpython-311-x86_64-linux-gnu.so", true), ("_x.cpython-313-x86_64-linux-gnu.so", false),
            ("_x.cpython-313t-x86_64-linux-gnu.so", true), ("_x.cpython-313-aarch64-linux-gnu.so", true),
            ("_x.cpython-313-x86_64-linux-musl.so", true),
            ("_x.abi3.so", false), ("_x.so", false),
        ]
    )
    func python(name: String, isRefused: Bool) throws {
        var root = LibraryRoot.debian()
        root.file("/usr/bin/python3.13", .program())
        root.file("/app/lib/\(name)", .library(name))
        let found = try root.found(starting: "/usr/bin/python3.13")
        #expect(found == (isRefused ? ["run.python-tag /app/lib/\(name)"] : []))
    }
}

extension FileFacts {
    fileprivate static func script(
        _ interpreter: String,
        _ argument: String? = nil,
        endsInCarriageReturn: Bool = false
    ) -> FileFacts {
        .script(
            Shebang(
                interpreter: interpreter,
                argument: argument,
                endsInCarriageReturn: endsInCarriageReturn,
                isTooLong: false
            )
        )
    }
}
