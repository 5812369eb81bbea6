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
        try RealBases.coracle(
            ["base", "build", "\(suite)/cc", "-o", "base", "--platform", "linux/amd64"]
                + ["--bases", try RealBases.locked()],
            in: place
        ).output()
        try RealBases.unpack("base", in: place)
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
}
