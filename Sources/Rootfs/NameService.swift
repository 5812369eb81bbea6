import Layers

/// Where programs look names up: `/etc/nsswitch.conf`.
enum NameService {
    /// `files` and `dns` are inside glibc since 2.34. Any other service is a shared library that it would load, and a
    /// statically linked program can neither find one in the image nor load it safely if it were there.
    static let configuration = """
        passwd:    files
        group:     files
        shadow:    files
        gshadow:   files
        hosts:     files dns
        networks:  files
        protocols: files
        services:  files
        ethers:    files
        rpc:       files

        """

    static var entries: [LayerEntry] {
        [.file("etc/nsswitch.conf", configuration)]
    }
}
