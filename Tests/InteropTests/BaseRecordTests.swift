import Glibc
import TestSupport
import Testing

/// What other programs make of the records of packages in a base.
@Suite("Records of packages in a base", .enabled(if: geteuid() == 0, "only root unpacks files of other owners"))
struct BaseRecordTests {
    @Test(
        "dpkg reads every record, and the files have the sums that the packages say",
        arguments: ["debian12", "debian13"]
    )
    func records(suite: String) throws {
        let place = try TemporaryDirectory()
        try RealBases.unpack(try RealBases.layout(of: "\(suite)/cc"), in: place)
        let root = place("bundle/rootfs")
        // Without a line `Status`, as scanners like it, dpkg takes a package for one that is not installed.
        let listed = try Command.shell(
            #"""
            mkdir -p "$2/info" "$2/updates"
            for record in "$1"/var/lib/dpkg/status.d/*; do
                case $record in *.md5sums) continue ;; esac
                sed 's/^\(Package: .*\)$/\1\nStatus: install ok installed/' "$record" && echo
            done >"$2/status"
            dpkg-query --admindir="$2" --show --showformat '${Package}=${Version}\n'
            """#,
            [root, place("admin")]
        ).output()
        let lock = String(decoding: try readFile("\(RealBases.locked())/\(suite)/packages.lock.json"), as: UTF8.self)
        let packages = listed.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let definition = String(decoding: try readFile("\(RealBases.locked())/\(suite)/cc.yaml"), as: UTF8.self)
        let wanted = definition.split(separator: "\n").filter { $0.hasPrefix("  - ") }.map { String($0.dropFirst(4)) }
        #expect(packages.map(\.[0]).sorted() == wanted.sorted())
        for package in packages { #expect(lock.contains("\"\(package[1])\""), "\(package)") }

        let checked = try Command.shell(
            #"""
            cd "$1"
            for sums in var/lib/dpkg/status.d/*.md5sums; do
                # Of the one only the bundle is taken; the other's os-release is ours.
                case $sums in */ca-certificates.md5sums) continue ;; esac
                grep -v os-release "$sums" | md5sum --check --quiet --strict || echo "$sums"
            done
            """#,
            [root]
        ).run()
        #expect(checked.output.isEmpty, "\(checked.output)\(checked.errors)")
        #expect(checked.errors.isEmpty)
    }

    @Test(
        "ldconfig finds the libraries that the loader's list has, and would have written the same",
        arguments: [("debian12/python3", "amd64"), ("debian13/python3", "arm64"), ("debian13/java-headless", "amd64")]
    )
    func libraries(base: String, architecture: String) throws {
        let place = try TemporaryDirectory()
        try RealBases.unpack(try RealBases.layout(of: base), for: architecture, in: place)
        // A directory's second name, `/lib` for `/usr/lib`, makes no difference.
        let outcome = try Command.shell(
            #"""
            list() { ldconfig -p -C "$1/etc/ld.so.cache" | sed -n 's,=> /usr/lib,=> /lib,; s/^\t//p'; }
            list "$1" >"$2/ours"
            mkdir -p "$1/etc/ld.so.conf.d"
            echo 'include /etc/ld.so.conf.d/*.conf' >"$1/etc/ld.so.conf"
            # For another machine, that one's own, which Python's base has.
            case $3 in
                amd64) ldconfig -X -r "$1" 2>/dev/null ;;
                *) qemu-aarch64 "$1/usr/sbin/ldconfig" -X -r "$1" 2>/dev/null ;;
            esac
            list "$1" >"$2/theirs"
            wc -l <"$2/ours"
            sort "$2/ours" >"$2/a"; sort "$2/theirs" >"$2/b"
            diff "$2/a" "$2/b"
            """#,
            [place("bundle/rootfs"), place.path, architecture]
        ).run()
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 1, "\(outcome.output)\(outcome.errors)")
        #expect(Int(lines.first ?? "") ?? 0 > 20)
    }

    @Test("a base of one layer has the same files as one with a layer for each package")
    func squashed() throws {
        let list =
            "find . -mindepth 1 -printf '%M %U:%G %s %T@ %P %l\\n' | sort; find . -type f | sort | xargs -d '\\n' md5sum"
        var trees = [String]()
        for options in [[], ["--squash-base"]] as [[String]] {
            let place = try TemporaryDirectory()
            let build = ["base", "build", "debian13/cc", "-o", "base", "--platform", "linux/amd64"]
            try RealBases.coracle(build + options + ["--bases", try RealBases.locked()], in: place).output()
            let layers = try Command.shell(#"skopeo inspect "oci:$1" | jq '.Layers | length'"#, [place("base")])
                .output()
            #expect(layers == (options.isEmpty ? "15\n" : "1\n"))
            try Built.coracle(["validate", place("base")]).output()
            try RealBases.unpack(place("base"), in: place)
            // A directory that several layers have is the last one's; its size is that of the file system here.
            let tree = try Command.shell(list, directory: place("bundle/rootfs")).output()
            trees.append(tree.split(separator: "\n").filter { !$0.hasPrefix("d") }.joined(separator: "\n"))
        }
        #expect(trees[0] == trees[1])
        #expect(trees[0].count > 10_000)
    }
}
