import TestSupport

/// Images whose layers have more than a container sees.
enum WastefulImage {
    /// Three layers: of 1,000,000 bytes in all, 100,000 are deleted, 50,000 overwritten, 30,000 written again unchanged and
    /// 20,000 there twice.
    static func write(to place: TemporaryDirectory, _ name: String = "image") throws {
        let first = #"""
            mkdir -p opt/app/data var/cache
            head -c 800000 /dev/zero | tr '\0' a >opt/app/data/big
            head -c 100000 /dev/zero | tr '\0' b >var/cache/list
            head -c 30000 /dev/zero | tr '\0' c >opt/app/settings
            head -c 25000 /dev/zero | tr '\0' d >opt/app/program
            """#
        let second = #"""
            mkdir -p opt/app var/cache
            : >var/cache/.wh.list
            head -c 30000 /dev/zero | tr '\0' c >opt/app/settings
            chmod 600 opt/app/settings
            head -c 25000 /dev/zero | tr '\0' e >opt/app/program
            """#
        let third = #"""
            mkdir -p opt/app opt/copy
            head -c 15000 /dev/zero | tr '\0' f >opt/app/program
            head -c 20000 /dev/zero | tr '\0' g >opt/copy/one
            head -c 20000 /dev/zero | tr '\0' g >opt/copy/two
            """#
        let image = try HandmadeImage(layers: [first, second, third].map { try HandmadeImage.Layer($0) })
        for (path, bytes) in try image.layout(name, tag: "1") { try place.file(path, bytes) }
    }
}
