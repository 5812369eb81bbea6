/// A package made by dpkg-deb.
package struct MadePackage: Sendable {
    package var name: String
    package var version: String
    package var architecture: String
    /// A shell script run in the folder that becomes the package, which has `DEBIAN/control` already.
    package var script: String
    /// As dpkg-deb calls it: `xz`, `gzip`, `zstd`, `none`.
    package var compression: String
    /// More lines for `DEBIAN/control`.
    package var fields: String

    package init(
        name: String = "hello",
        version: String = "1.0-1",
        architecture: String = "amd64",
        script: String = "mkdir -p usr/bin; echo hello > usr/bin/hello; chmod 755 usr/bin/hello",
        compression: String = "xz",
        fields: String = ""
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.script = script
        self.compression = compression
        self.fields = fields
    }

    /// The bytes of the .deb, the same for the same values. It has the sums of its files, unless the script writes others.
    package func bytes() throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        var control = """
            Package: \(name)
            Version: \(version)
            Architecture: \(architecture)
            Maintainer: Test <test@example.org>
            Description: a test
             with a long text

            """
        if !fields.isEmpty { control += fields + "\n" }
        try folder.file("root/DEBIAN/control", control)
        let sums = "find . -path ./DEBIAN -prune -o -type f -printf '%P\\n' | sort | xargs -r -d '\\n' md5sum > ../sums"
        try Command.shell(
            "chmod 755 root root/DEBIAN; cd root; umask 022; \(script); \(sums); "
                + "[ -s ../sums ] && [ ! -e DEBIAN/md5sums ] && mv ../sums DEBIAN/md5sums; true",
            directory: folder.path
        ).output()
        try Command(
            "dpkg-deb",
            ["--root-owner-group", "--uniform-compression", "-Z\(compression)", "-b", "root", "x.deb"],
            environment: ["SOURCE_DATE_EPOCH": "1700000000"],
            directory: folder.path
        ).output()
        return try readFile(folder("x.deb"))
    }
}
