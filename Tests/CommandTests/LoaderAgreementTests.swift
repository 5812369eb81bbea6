import Glibc
import TestSupport
import Testing

/// What the gate says of small programs, and what this machine's kernel and loader do with them: they are the judge.
@Suite(
    "The gate and the real loader agree",
    .enabled(if: geteuid() == 0, "only root changes the root directory of a process")
)
struct LoaderAgreementTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        /// Makes `m` or `s` in the application directory; `$X` has `libx.so.1`, which `$LINK` links to, and sources.
        let making: String
        var environment: [String] = []
        var directory = "/app"
        var program = "/app/m"
        var testDescription: String { name }
    }

    private static let link = "gcc $X/m.c -o m $X/libx.so.1"
    private static let linked = "\(link); mkdir lib; cp $X/libx.so.1 lib"

    private static let searching: [Case] = [
        Case(name: "nothing is needed", making: "gcc $X/n.c -o m"), Case(name: "it is nowhere", making: link),
        Case(name: "a variable with the directory", making: linked, environment: ["LD_LIBRARY_PATH=/app/lib"]),
        Case(name: "a relative variable", making: linked, environment: ["LD_LIBRARY_PATH=lib"]),
        Case(
            name: "a relative variable, seen from elsewhere",
            making: linked,
            environment: ["LD_LIBRARY_PATH=lib"],
            directory: "/"
        ),
        Case(
            name: "an empty element is the working directory",
            making: linked,
            environment: ["LD_LIBRARY_PATH=/x:"],
            directory: "/app/lib"
        ),
        Case(
            name: "an empty variable has no element",
            making: linked,
            environment: ["LD_LIBRARY_PATH="],
            directory: "/app/lib"
        ),
        Case(name: "semicolons in the variable", making: linked, environment: ["LD_LIBRARY_PATH=/x;/app/lib"]),
        Case(
            name: "semicolons in a RUNPATH",
            making: "\(link) -Wl,-rpath,'/x;/app/lib'; mkdir lib; cp $X/libx.so.1 lib"
        ),
        Case(name: "$ORIGIN in the variable", making: linked, environment: ["LD_LIBRARY_PATH=$ORIGIN/lib"]),
        Case(name: "a relative RUNPATH", making: "\(link) -Wl,-rpath,lib; mkdir lib; cp $X/libx.so.1 lib"),
        Case(
            name: "an empty element of a RUNPATH",
            making: "\(link) -Wl,-rpath,:/x; mkdir lib; cp $X/libx.so.1 lib",
            directory: "/app/lib"
        ),
        Case(name: "$LIB is not lib64", making: "\(link) -Wl,-rpath,'/app/$LIB'; mkdir lib64; cp $X/libx.so.1 lib64"),
        Case(
            name: "$LIB",
            making: "\(link) -Wl,-rpath,'/app/$LIB'; mkdir -p lib/$(gcc -print-multiarch); "
                + "cp $X/libx.so.1 lib/$(gcc -print-multiarch)"
        ),
        Case(
            name: "a name with a slash",
            making: "mkdir sub; gcc -shared -fPIC $X/x.c -o sub/n.so; gcc $X/m.c -o m sub/n.so"
        ),
        Case(
            name: "a name with a slash, seen from elsewhere",
            making: "mkdir sub; gcc -shared -fPIC $X/x.c -o sub/n.so; gcc $X/m.c -o m sub/n.so",
            directory: "/"
        ),
        Case(
            name: "`..` behind a symlink is where the link leads",
            making: "\(link) -Wl,-rpath,/app/link/../lib; mkdir -p a/b a/lib; ln -s a/b link; cp $X/libx.so.1 a/lib"
        ),
        Case(
            name: "`..` behind a symlink is not where the text leads",
            making: "\(link) -Wl,-rpath,/app/link/../lib; mkdir -p a/b lib; ln -s a/b link; cp $X/libx.so.1 lib"
        ),
        Case(
            name: "loaded before, by its SONAME",
            making: "\(link); mkdir hid; cp $X/libx.so.1 hid/y.so",
            environment: ["LD_PRELOAD=/app/hid/y.so"]
        ),
        Case(name: "what cannot be preloaded", making: "gcc $X/n.c -o m", environment: ["LD_PRELOAD=/app/none.so"]),
        Case(
            name: "a filter that is not there",
            making: "gcc -shared -fPIC $X/x.c -o libf.so -Wl,-F,libreal.so; gcc $X/m.c -o m libf.so -Wl,-rpath,/app"
        ),
    ]

    /// What is in the first of two directories; the second has the library.
    private static let first: [Case] = [
        ("empty", ": > a/libx.so.1"), ("text", "seq 99 > a/libx.so.1"),
        ("a directory", "mkdir a/libx.so.1; touch a/libx.so.1/x"),
        ("an object", "gcc -c $X/x.c -o a/libx.so.1"), ("a program", "gcc -pie $X/p.c -o a/libx.so.1"),
        ("a program at a fixed address", "gcc -no-pie $X/p.c -o a/libx.so.1"),
        ("cut in its header", "head -c 40 $X/libx.so.1 > a/libx.so.1"),
        ("cut behind its header", "head -c 100 $X/libx.so.1 > a/libx.so.1"),
        ("cut in the middle", "head -c 3000 $X/libx.so.1 > a/libx.so.1"),
        ("for another processor", #"cp $X/libx.so.1 a; printf '\xb7' | dd of=a/libx.so.1 bs=1 seek=18 conv=notrunc"#),
        ("for another system", #"cp $X/libx.so.1 a; printf '\x09' | dd of=a/libx.so.1 bs=1 seek=7 conv=notrunc"#),
        ("a symlink to nothing", "ln -s nothing a/libx.so.1"),
    ].map { name, making in
        Case(
            name: "the first of the name is \(name)",
            making: "\(link); mkdir a b; cp $X/libx.so.1 b; \(making)",
            environment: ["LD_LIBRARY_PATH=/app/a:/app/b"]
        )
    }

    private static let starting: [Case] = [
        Case(
            name: "a relative loader",
            making:
                "gcc $X/n.c -o m -Wl,--dynamic-linker=ld.so; cp -L $(gcc -print-file-name=ld-linux-x86-64.so.2) ld.so"
        ),
        Case(
            name: "a relative loader, seen from elsewhere",
            making:
                "gcc $X/n.c -o m -Wl,--dynamic-linker=ld.so; cp -L $(gcc -print-file-name=ld-linux-x86-64.so.2) ld.so",
            directory: "/"
        ),
        Case(
            name: "a loader that is a script",
            making: #"gcc $X/n.c -o m -Wl,--dynamic-linker=/app/l; printf '#!/app/m\n' > l; chmod +x l"#
        ),
        Case(
            name: "a loader that is a directory",
            making: "gcc $X/n.c -o m -Wl,--dynamic-linker=/app/l; mkdir l; touch l/x"
        ),
        Case(
            name: "a loader that is text",
            making: "gcc $X/n.c -o m -Wl,--dynamic-linker=/app/l; seq 99 > l; chmod +x l"
        ),
        Case(name: "a script", making: #"gcc $X/n.c -o m; printf '#!/app/m\n' > s; chmod +x s"#, program: "/app/s"),
        Case(
            name: "a script of five scripts",
            making:
                #"gcc $X/n.c -o m; for i in 1 2 3 4; do printf '#!/app/s%d\n' $((i+1)) > s$i; done; printf '#!/app/m\n' > s5; "#
                + "chmod +x s?",
            program: "/app/s1"
        ),
        Case(
            name: "a script of six scripts",
            making:
                #"gcc $X/n.c -o m; for i in 1 2 3 4 5; do printf '#!/app/s%d\n' $((i+1)) > s$i; done; printf '#!/app/m\n' > s6; "#
                + "chmod +x s?",
            program: "/app/s1"
        ),
        Case(name: "a script of itself", making: #"printf '#!/app/s\n' > s; chmod +x s"#, program: "/app/s"),
        Case(
            name: "an interpreter that is text",
            making: #"seq 99 > i; printf '#!/app/i\n' > s; chmod +x s i"#,
            program: "/app/s"
        ),
        Case(
            name: "an interpreter that may not be executed",
            making: #"gcc $X/n.c -o i; chmod -x i; printf '#!/app/i\n' > s; chmod +x s"#,
            program: "/app/s"
        ),
        Case(
            name: "a relative interpreter",
            making: #"gcc $X/n.c -o m; printf '#!m\n' > s; chmod +x s"#,
            program: "/app/s"
        ),
        Case(
            name: "a first line with a long argument",
            making: #"gcc $X/n.c -o m; printf '#!/app/m %0300d\n' 1 > s; chmod +x s"#,
            program: "/app/s"
        ),
        Case(
            name: "a first line with a long path",
            making: #"gcc $X/n.c -o m; printf '#!/%sapp/m\n' $(printf './%.0s' $(seq 130)) > s; chmod +x s"#,
            program: "/app/s"
        ),
    ]

    @Test("a prediction is what happens", arguments: searching + first + starting)
    func agrees(case sample: Case) throws {
        let place = try TemporaryDirectory()
        try Self.make(sample, in: place)
        let started = try Command(
            "unshare",
            [
                "--mount", "sh", "-ec",
                #"mount -t proc proc "$1/proc"; exec env -i "$4" "$(command -v chroot)" "$1" /launch "$2" "$3""#,
                "sh", place("root"), sample.directory, sample.program, sample.environment.first ?? "NONE=1",
            ],
            timeLimit: 30
        ).run()
        var arguments = [
            "build", place("root/app"), "--platform", "linux/amd64", "--entrypoint", sample.program, "--workdir",
            sample.directory,
            "--add", "\(place("root/lib")):/lib", "--add", "\(place("root/lib64")):/lib64", "-o", place("image"),
        ]
        for variable in sample.environment { arguments += ["--env", variable] }
        let built = try Built.coracle(arguments, environment: ["CORACLE_CACHE": place("cache")]).run()
        #expect(built.end == .exited(started.end == .exited(0) ? 0 : 9), "\(started.errors)\n\(built.errors)")
    }

    /// This machine's loader and C library in `root`, and the case's program in `root/app`.
    private static func make(_ sample: Case, in place: TemporaryDirectory) throws {
        let script = """
            set -e
            mkdir -p root/app root/lib64 root/proc root/lib/$(gcc -print-multiarch); export X=$PWD
            cp -L /lib64/ld-linux-x86-64.so.2 root/lib64; cp -L $(gcc -print-file-name=libc.so.6) root/lib/$(gcc -print-multiarch)
            echo 'int f() { return 1; }' > x.c; echo 'int f(); int main() { return f() - 1; }' > m.c
            echo 'int main() { return 0; }' > n.c; echo 'int f() { return 1; } int main() { return 0; }' > p.c
            gcc -shared -fPIC -Wl,-soname,libx.so.1 x.c -o libx.so.1
            cat > launch.c <<'END'
            #include <unistd.h>
            int main(int argc, char **argv, char **environment) {
                char *words[] = {argv[2], 0};
                if (chdir(argv[1])) return 125;
                execve(argv[2], words, environment);
                return 126;
            }
            END
            gcc -static launch.c -o root/launch
            cd root/app
            \(sample.making)
            """
        try Command("bash", ["-c", script], directory: place.path, timeLimit: 60).output()
    }
}
