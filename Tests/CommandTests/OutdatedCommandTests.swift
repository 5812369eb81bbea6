import TestSupport
import Testing

@Suite("What is outdated")
struct OutdatedCommandTests {
    private static let key = "org.opencontainers.image.base"

    /// A registry with a base, which stands under `base:1`, and images on it.
    private final class Shop: Sendable {
        let registry: FaultyRegistry
        let place: TemporaryDirectory
        let base: HandmadeImage
        let layer: HandmadeImage.Layer

        init(_ fault: @escaping @Sendable (FaultyRegistry.Asked) -> ScriptedAnswer = { $0.answer }) throws {
            registry = try FaultyRegistry(fault)
            place = try TemporaryDirectory()
            layer = try HandmadeImage.Layer("echo 1 >a; echo b >b")
            base = try HandmadeImage(layers: [layer])
            registry.hold(base, in: "base", tag: "1")
        }

        var address: String { registry.address }

        /// An index with `image` for linux/amd64.
        static func index(_ image: HandmadeImage) throws -> HandmadeImage {
            try HandmadeImage(of: [(image, #"{"os":"linux","architecture":"amd64"}"#)])
        }

        /// An image on `layers` that says of its base what `annotations` has.
        func app(_ annotations: [String: String], on layers: [HandmadeImage.Layer], labels: String? = nil) throws {
            let list = annotations.sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }
            let image = try HandmadeImage(
                layers: layers + [try HandmadeImage.Layer("echo app >app")],
                config: { config in
                    labels.map { config.replacing(#""Labels":{"by":"hand"}"#, with: #""Labels":{\#($0)}"#) } ?? config
                },
                manifest: { $0.dropLast() + #","annotations":{\#(list.joined(separator: ","))}}"# }
            )
            registry.hold(image, in: "app", tag: "1")
        }

        func annotated(_ digest: String) -> [String: String] {
            ["\(OutdatedCommandTests.key).name": "\(address)/base:1", "\(OutdatedCommandTests.key).digest": digest]
        }

        func coracle(_ arguments: [String]) throws -> Outcome {
            try Built.coracle(
                arguments,
                environment: ["CORACLE_CACHE": place("cache"), "SOURCE_DATE_EPOCH": "1796000000"],
                directory: place.path
            ).run()
        }

        func outdated(_ options: String...) throws -> Outcome {
            try coracle(["outdated", "\(address)/app:1"] + options)
        }
    }

    @Test("an image on the base that its name stands for is up to date, by index or by the image for its platform")
    func current() throws {
        let shop = try Shop()
        let index = try Shop.index(shop.base)
        shop.registry.hold(index, in: "base", tag: "1")
        for digest in [try index.digest, try shop.base.digest] {
            try shop.app(shop.annotated(digest), on: [shop.layer])
            let outcome = try shop.outdated()
            #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
            #expect(
                outcome.output.contains(
                    "\n  base         \(shop.address)/base:1, by annotation, proved by the layers\n"
                )
            )
            #expect(outcome.output.hasSuffix("\n1 image: 1 up to date\n"), "\(outcome.output)")
        }
    }

    @Test("a name that moved is reported with both digests and the number of files, by annotations and by labels")
    func moved() throws {
        let shop = try Shop()
        let new = try HandmadeImage(layers: [try HandmadeImage.Layer("echo 2 >a; echo b >b; echo c >c")])
        let old = try shop.base.digest
        let labels = shop.annotated(old).sorted { $0.key < $1.key }.map { #""\#($0.key)":"\#($0.value)""# }
        shop.registry.hold(new, in: "base", tag: "1")
        for (annotations, labels) in [(shop.annotated(old), nil), ([:], labels.joined(separator: ","))] {
            try shop.app(annotations, on: [shop.layer], labels: labels)
            let outcome = try shop.outdated()
            #expect(outcome.end == .exited(9), "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.contains("linux/amd64: outdated\n"))
            #expect(
                outcome.output.contains("\n  name         moved from \(old) to \(try new.digest)\n"),
                "\(outcome.output)"
            )
            #expect(outcome.output.contains("\n  new base     2 files (linux/amd64, "), "\(outcome.output)")
        }
    }

    @Test("a base that was only stamped again does not make an image outdated")
    func stampedAgain() throws {
        let shop = try Shop()
        let old = try shop.base.digest
        let again = try HandmadeImage(layers: [
            try HandmadeImage.Layer("echo 1 >a"), try HandmadeImage.Layer("echo b >b"),
        ])
        shop.registry.hold(again, in: "base", tag: "1")
        try shop.app(shop.annotated(old), on: [shop.layer])
        let outcome = try shop.outdated()
        #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
        #expect(
            outcome.output.contains("\n  new base     the same files, stamped again (linux/amd64, "),
            "\(outcome.output)"
        )
        // Without a look into the layers it is only known that the name moved.
        let quick = try shop.outdated("--quick")
        #expect(quick.end == .exited(9), "\(quick.output)")
        #expect(!quick.output.contains("new base"))
        let config = try HandmadeImage(
            layers: [shop.layer],
            config: { $0.replacing("PATH=/usr/bin", with: "PATH=/bin") }
        )
        shop.registry.hold(config, in: "base", tag: "1")
        #expect(try shop.outdated().output.contains("the same files, another configuration"))
    }

    @Test("an image that says nothing of its base is unknown, unless its layers are those of one that is named")
    func layers() throws {
        let shop = try Shop()
        try shop.app([:], on: [shop.layer])
        let silent = try shop.outdated()
        #expect(silent.end == .exited(9), "\(silent.output)")
        #expect(
            silent.output.contains("\n  unknown      the image does not say on which base it stands"),
            "\(silent.output)"
        )
        let named = try shop.outdated("--base", "\(shop.address)/base:1")
        #expect(named.end == .exited(0), "\(named.output)")
        #expect(named.output.contains("by its layers, which are the image's lowest"), "\(named.output)")
    }

    @Test("annotations that lie are found out, and are not up to date")
    func lying() throws {
        let shop = try Shop()
        try shop.app(shop.annotated(try shop.base.digest), on: [try HandmadeImage.Layer("echo other >other")])
        let outcome = try shop.outdated()
        #expect(outcome.end == .exited(9), "\(outcome.output)")
        #expect(
            outcome.output.contains(
                "  unknown      what the image says of its base is not true: its only layer is not the image's lowest one\n"
            ),
            "\(outcome.output)"
        )
    }

    @Test("a base that is gone, and a name without a digest, are reported")
    func gone() throws {
        let shop = try Shop()
        try shop.app(["\(Self.key).name": "\(shop.address)/base:1"], on: [shop.layer])
        #expect(try shop.outdated().end == .exited(0))
        let new = try HandmadeImage(layers: [try HandmadeImage.Layer("echo 2 >a")])
        shop.registry.hold(new, in: "base", tag: "1")
        let nameless = try shop.outdated()
        #expect(nameless.end == .exited(9), "\(nameless.output)")
        #expect(nameless.output.contains("\n  name         moved to \(try new.digest)\n"), "\(nameless.output)")
        let gone = "sha256:" + String(repeating: "0", count: 64)
        try shop.app(
            ["\(Self.key).name": "\(shop.address)/nothing:1", "\(Self.key).digest": gone],
            on: [shop.layer]
        )
        let absent = try shop.outdated()
        #expect(absent.end == .exited(9), "\(absent.output)")
        #expect(absent.output.contains("linux/amd64: unknown\n"), "\(absent.output)")
        #expect(absent.output.contains("nothing"), "\(absent.output)")
        // The name is there, and the old image is not.
        try shop.app(shop.annotated(gone), on: [shop.layer])
        let lost = try shop.outdated()
        #expect(lost.end == .exited(9), "\(lost.output)")
        #expect(lost.output.contains("moved from \(gone) to \(try new.digest)"), "\(lost.output)")
        #expect(lost.output.contains("\n  note         what the new base changes is not known: "), "\(lost.output)")
    }

    @Test("a registry that refuses HEAD is asked with GET, and one that refuses both makes it unknown")
    func limited() throws {
        let limit = ScriptedAnswer.response(429, [("Retry-After", "0")], "")
        let refusesHead = try Shop { asked in
            asked.step == .headManifest && asked.request.target.contains("/base/") ? limit : asked.answer
        }
        try refusesHead.app(refusesHead.annotated(try refusesHead.base.digest), on: [refusesHead.layer])
        let outcome = try refusesHead.outdated()
        #expect(outcome.end == .exited(0), "\(outcome.output)\(outcome.errors)")
        let refuses = try Shop { asked in
            let isOfBase =
                asked.request.target.contains("/base/") && (asked.step == .headManifest || asked.step == .getManifest)
            return isOfBase ? limit : asked.answer
        }
        try refuses.app(refuses.annotated(try refuses.base.digest), on: [refuses.layer])
        let unknown = try refuses.outdated()
        #expect(unknown.end == .exited(9), "\(unknown.output)\(unknown.errors)")
        #expect(unknown.output.contains("linux/amd64: unknown\n"), "\(unknown.output)")
        #expect(unknown.output.contains("429"), "\(unknown.output)")
    }

    @Test("a config with fewer diffIDs than the manifest has layers is not up to date")
    func damaged() throws {
        let shop = try Shop()
        let image = try HandmadeImage(
            layers: [shop.layer],
            config: { $0.replacing(#""diff_ids":["\#(shop.layer.diffID)"]"#, with: #""diff_ids":[]"#) }
        )
        shop.registry.hold(image, in: "app", tag: "1")
        let outcome = try shop.outdated()
        #expect(outcome.end == .exited(9), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("the config has 0 diffIDs and the manifest 1 layers"), "\(outcome.output)")
    }

    @Test("names in files are looked at line by line: moved, unpinned, without a name, not known")
    func files() throws {
        let shop = try Shop()
        let old = try shop.base.digest
        let name = "\(shop.address)/base"
        try shop.place.file(
            "Dockerfile",
            "ARG V\nFROM \(name):1@\(old) AS a\nFROM a\nFROM \(name):1\nFROM \(name)@\(old)\nFROM x:$V\nFROM \(name):2@\(old)\n"
        )
        let new = try HandmadeImage(layers: [try HandmadeImage.Layer("echo 2 >a")])
        shop.registry.hold(new, in: "base", tag: "1")
        let outcome = try shop.coracle(["outdated"])
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
        #expect(
            lines == [
                "Dockerfile:2 \(name):1: outdated", "Dockerfile:4 \(name):1: up to date",
                "Dockerfile:5 \(name): unknown",
                "Dockerfile:6 x:$V: unknown", "Dockerfile:7 \(name):2: unknown",
                "5 images: 1 outdated, 3 unknown, 1 up to date",
            ],
            "\(outcome.output)"
        )
        #expect(outcome.output.contains("`ARG V` has no default"))
    }

    @Test("the same is said as JSON, as a table, and as SARIF; two forms at once are refused")
    func forms() throws {
        let shop = try Shop()
        let old = try shop.base.digest
        try shop.app(shop.annotated(old), on: [shop.layer])
        let new = try HandmadeImage(layers: [try HandmadeImage.Layer("echo 2 >a")])
        shop.registry.hold(new, in: "base", tag: "1")
        try shop.place.file("out.json", try shop.outdated("--json").output)
        let script = """
            import json, sys
            row = (d := json.load(open(sys.argv[1])))["images"][0]
            print(d["version"], d["upToDate"], row["state"], row["moved"], row["oldDigest"], row["digest"], row["change"]["files"])
            """
        #expect(
            try Tool.python(script, [shop.place("out.json")])
                == "1 False outdated True \(old) \(try new.digest) 2\n"
        )
        let table = try shop.outdated("--markdown")
        #expect(table.end == .exited(9))
        let rows = table.output.split(separator: "\n").filter { $0.hasPrefix("|") }
        #expect(rows.count == 3)
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 6 }, "\(table.output)")
        let sarif = try shop.outdated("--sarif").output
        #expect(sarif.contains(#""ruleId": "upkeep.base-moved""#), "\(sarif)")
        let both = try shop.outdated("--json", "--sarif")
        #expect(both.end == .exited(2))
        #expect(both.errors.contains("`--json` and `--sarif` are two forms of one result"))
    }

    @Test("a directory without such files says which there could be")
    func nothing() throws {
        let place = try TemporaryDirectory()
        for command in ["outdated", "update"] {
            let outcome = try Built.coracle([command], directory: place.path).run()
            #expect(outcome.end == .exited(7))
            #expect(outcome.errors.contains("error[pins.none]: there is nothing here to look at"), "\(outcome.errors)")
        }
    }

    @Test(
        "newer packages are listed of a base of the catalogue and of a Debian image, those of the security suite marked"
    )
    func packages() throws {
        let keys = try TestKeys(["archive"])
        let base = try SmallBase()
        let keyring = try keys.keyring(keys.names)
        let image = try HandmadeImage(layers: [
            try HandmadeImage.Layer(
                """
                mkdir -p etc var/lib/dpkg
                printf 'ID=debian\\nVERSION_ID="13"\\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\\n' >etc/os-release
                printf 'Package: mini-data\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1.0-1\\n\\n' >var/lib/dpkg/status
                printf 'Package: own\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1\\n' >>var/lib/dpkg/status
                """
            )
        ])
        for (path, bytes) in try image.layout("debian.oci") { try base.place.file(path, bytes) }
        try base.place.file("coracle.yaml", "images:\n  x: {base: mini}\n")
        func outdated() throws -> Outcome {
            try base.coracle(["outdated", "debian.oci", "coracle.yaml", "--keyring", keyring]).run()
        }
        try SignedArchive().publish(on: base, keys)
        let newest = try outdated()
        #expect(newest.output.contains("coracle.yaml:2 mini: up to date\n"), "\(newest.output)\(newest.errors)")
        #expect(newest.output.contains("\n  packages     no newer versions\n"))
        #expect(newest.errors.contains("versions are compared without `trixie-security`"), "\(newest.errors)")
        try SignedArchive(version: "1.0-2").publish(on: base, keys)
        let newer = try outdated()
        #expect(newer.end == .exited(9))
        #expect(
            newer.output.contains(
                "\n  packages     2 have newer versions\n    mini-data 1.0-1 → 1.0-2\n    mini-tool 1.0-1 → 1.0-2\n"
            ),
            "\(newer.output)"
        )
        #expect(
            newer.output.contains("\n  packages     1 has a newer version\n    mini-data 1.0-1 → 1.0-2\n"),
            "\(newer.output)"
        )
        try SignedArchive(codename: "trixie-security", version: "1.0-1+deb13u1", suite: "trixie-security").publish(
            on: base,
            keys
        )
        let security = try outdated()
        #expect(
            security.output.contains(
                "\n  packages     2 have newer versions, all security updates\n    mini-data 1.0-1 → 1.0-2, a security update\n"
            ),
            "\(security.output)\(security.errors)"
        )
        let offline = try base.coracle(["outdated", "debian.oci", "--offline"]).run()
        #expect(offline.end == .exited(9))
        #expect(offline.output.contains("\n  unknown      which packages have newer versions: "), "\(offline.output)")
    }

    // MARK: Other systems

    /// An image with a `dpkg` database of `packages` that says it is `release`.
    private static func write(_ packages: [String], of release: String, to place: TemporaryDirectory) throws {
        let records = packages.map {
            "Package: \($0)\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1.0-1\\n\\n"
        }
        let image = try HandmadeImage(layers: [
            try HandmadeImage.Layer(
                "mkdir -p etc var/lib/dpkg; printf '\(release)' >etc/os-release; printf '\(records.joined())' >var/lib/dpkg/status"
            )
        ])
        for (path, bytes) in try image.layout("image.oci") { try place.file(path, bytes) }
    }

    private static let noble =
        #"ID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n"#

    @Test(
        "packages of Ubuntu are compared with the signed index of the release that the image names, by the user's mirror and keys"
    )
    func ubuntu() throws {
        let keys = try TestKeys(["archive"])
        let base = try SmallBase()
        let keyring = try keys.keyring(keys.names)
        try Self.write(["mini-data", "own"], of: Self.noble, to: base.place)
        func outdated(_ options: [String] = ["--keyring", keyring]) throws -> Outcome {
            try base.coracle(["outdated", "image.oci"] + options).run()
        }
        // The mirror has another system.
        try SignedArchive(version: "2.0-1").publish(on: base, keys)
        let without = try outdated()
        #expect(without.end == .exited(9))
        #expect(without.output.contains("\n  unknown      which packages have newer versions: "), "\(without.output)")
        #expect(!without.output.contains("2.0-1"))
        try SignedArchive(codename: "noble", suite: "noble").publish(on: base, keys)
        let newest = try outdated()
        #expect(newest.output.contains("\n  packages     no newer versions\n"), "\(newest.output)\(newest.errors)")
        #expect(newest.errors.contains("versions are compared without `noble-security`"), "\(newest.errors)")
        // Ubuntu says the suite there, and one codename for all.
        try SignedArchive(
            codename: "noble",
            version: "1.0-1ubuntu0.1",
            suite: "noble-security",
            suiteName: "noble-security"
        ).publish(on: base, keys)
        let security = try outdated()
        #expect(
            security.output.contains(
                "\n  packages     1 has a newer version, a security update\n    mini-data 1.0-1 → 1.0-1ubuntu0.1, a security update\n"
            ),
            "\(security.output)\(security.errors)"
        )
        // A stranger's signature counts for nothing, and neither do Debian's keys.
        let other = try TestKeys(["other"])
        let untrusted = try outdated(["--keyring", try other.keyring(other.names)])
        #expect(
            untrusted.output.contains("\n  unknown      which packages have newer versions: "),
            "\(untrusted.output)"
        )
        let both = try outdated(["--keyring", try other.keyring(other.names), "--keyring", keyring])
        #expect(both.output.contains("1.0-1ubuntu0.1"), "\(both.output)")
    }

    @Test(
        "without keys of Ubuntu, the file that is missing is named",
        .enabled(if: !exists("/usr/share/keyrings/ubuntu-archive-keyring.gpg"))
    )
    func ubuntuKeys() throws {
        let base = try SmallBase()
        try Self.write(["mini-data"], of: Self.noble, to: base.place)
        let outcome = try base.coracle(["outdated", "image.oci"]).run()
        #expect(outcome.end == .exited(9))
        #expect(
            outcome.output.contains(
                "Ubuntu's signatures cannot be verified: the keyring `/usr/share/keyrings/ubuntu-archive-keyring.gpg` cannot be read"
            ),
            "\(outcome.output)"
        )
        #expect(base.requestCount == 0)
    }

    @Test(
        "packages that no index is read for are unknown, with the reason, and never up to date",
        arguments: [
            (
                #"ID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n"#,
                "mkdir -p lib/apk/db; printf 'P:musl\\nV:1.2.5-r10\\n\\n' >lib/apk/db/installed",
                "which packages have newer versions: those of `apk` are not read"
            ),
            (
                #"ID=fedora\nVERSION_ID=43\nPRETTY_NAME="Fedora Linux 43"\n"#, "mkdir -p usr/lib/sysimage/rpm",
                "which packages have newer versions: those of `rpm` are not read"
            ),
            (
                #"ID=devuan\nVERSION_ID=5\nPRETTY_NAME="Devuan 5"\n"#,
                "mkdir -p var/lib/dpkg; printf 'Package: a\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1\\n' >var/lib/dpkg/status",
                "no index of the packages of Devuan 5 is read here"
            ),
            (
                #"ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04"\n"#,
                "mkdir -p var/lib/dpkg; printf 'Package: a\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1\\n' >var/lib/dpkg/status",
                "no index of the packages of Ubuntu 24.04 is read here"
            ),
            (
                #"ID=ubuntu\nVERSION_CODENAME=../noble\nPRETTY_NAME="Ubuntu"\n"#,
                "mkdir -p var/lib/dpkg; printf 'Package: a\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1\\n' >var/lib/dpkg/status",
                "which packages have newer versions: `../noble` is not a suite name"
            ),
        ]
    )
    func otherSystems(release: String, script: String, reason: String) throws {
        let keys = try TestKeys(["archive"])
        let base = try SmallBase()
        let image = try HandmadeImage(layers: [
            try HandmadeImage.Layer("mkdir -p etc; printf '\(release)' >etc/os-release; \(script)")
        ])
        for (path, bytes) in try image.layout("image.oci") { try base.place.file(path, bytes) }
        let keyring = try keys.keyring(keys.names)
        let outcome = try base.coracle(["outdated", "image.oci", "--base", "image.oci", "--keyring", keyring]).run()
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.output.contains("linux/amd64: unknown\n"), "\(outcome.output)")
        #expect(outcome.output.contains("\n  unknown      \(reason)\n"), "\(outcome.output)")
    }

    @Test("`lint --online` finds newer packages and security updates, by the user's keys, as text and as SARIF")
    func lintPackages() throws {
        let keys = try TestKeys(["archive"])
        let base = try SmallBase()
        let keyring = try keys.keyring(keys.names)
        let stranger = try TestKeys(["other"])
        let other = try stranger.keyring(stranger.names)
        try Self.write(
            ["mini-data", "mini-tool"],
            of: #"ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n"#,
            to: base.place
        )
        try SignedArchive(version: "1.0-2").publish(on: base, keys)
        func lint(_ options: String...) throws -> Outcome {
            try base.coracle(["lint", "image.oci", "--online"] + options).run()
        }
        let newer = try lint("--keyring", keyring)
        #expect(newer.end == .exited(0), "\(newer.output)\(newer.errors)")
        #expect(newer.output.contains("warning[upkeep.packages]: 2 packages have a newer version"), "\(newer.output)")
        #expect(newer.output.contains("because: mini-data 1.0-1 → 1.0-2, mini-tool 1.0-1 → 1.0-2\n"), "\(newer.output)")
        try SignedArchive(codename: "trixie-security", version: "1.0-1+deb13u1", suite: "trixie-security").publish(
            on: base,
            keys
        )
        let security = try lint("--keyring", other, "--keyring", keyring)
        #expect(security.end == .exited(9), "\(security.output)\(security.errors)")
        #expect(
            security.output.contains("error[upkeep.security-updates]: 2 packages have a security update"),
            "\(security.output)"
        )
        let log = try lint("--keyring", keyring, "--sarif")
        #expect(log.end == .exited(9), "\(log.errors)")
        try base.place.file("log.sarif", log.output)
        let judged = try Command(
            "python3",
            ["\(FixtureProgram.sources)/sarif.py", base.place("log.sarif")]
        ).output()
        #expect(judged.contains("error upkeep.security-updates image.oci"), "\(judged)")
        // What cannot be verified is not known, and is not an error of the image.
        let unknown = try lint("--keyring", other)
        #expect(unknown.end == .exited(0), "\(unknown.output)\(unknown.errors)")
        #expect(unknown.output.contains("note[upkeep.unknown]: it is not known whether the image is outdated"))
        #expect(!unknown.output.contains("upkeep.packages") && !unknown.output.contains("upkeep.security"))
        let off = try lint("--keyring", keyring, "--rule", "upkeep.security-updates=off")
        #expect(off.end == .exited(0) && !off.output.contains("upkeep.security"), "\(off.output)")
        let useless = try base.coracle(["lint", "image.oci", "--keyring", keyring]).run()
        #expect(useless.end == .exited(2), "\(useless.errors)")
    }

    @Test("`lint --online` reports a moved base by its rule, which can be switched")
    func lint() throws {
        let shop = try Shop()
        try shop.app(shop.annotated(try shop.base.digest), on: [shop.layer])
        shop.registry.hold(try HandmadeImage(layers: [try HandmadeImage.Layer("echo 2 >a")]), in: "base", tag: "1")
        let usual = try shop.coracle(["lint", "\(shop.address)/app:1"])
        #expect(!usual.output.contains("upkeep."), "\(usual.output)")
        let online = try shop.coracle(["lint", "\(shop.address)/app:1", "--online"])
        #expect(online.end == .exited(0), "\(online.output)\(online.errors)")
        #expect(
            online.output.contains("warning[upkeep.base-moved]: `\(shop.address)/base:1` stands for a newer image"),
            "\(online.output)"
        )
        let strict = try shop.coracle([
            "lint", "\(shop.address)/app:1", "--online", "--rule", "upkeep.base-moved=error",
        ])
        #expect(strict.end == .exited(9))
        let off = try shop.coracle(["lint", "\(shop.address)/app:1", "--online", "--rule", "upkeep.base-moved=off"])
        #expect(!off.output.contains("upkeep.base-moved"))
    }
}
