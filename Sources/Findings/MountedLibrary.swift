/// Libraries that no image has: the container runtime mounts them, as they have to be of the version of the machine's driver.
///
/// libnvidia-container, src/nvc_info.c.
package enum MountedLibrary {
    private static let names: Set<Substring> = [
        "libcuda", "libcudadebugger", "libnvcuvid", "libnvoptix", "libvdpau_nvidia", "libGLX_nvidia", "libEGL_nvidia",
        "libGLESv1_CM_nvidia", "libGLESv2_nvidia", "libdxcore",
    ]

    /// Who mounts the library; `nil` if an image has to have it.
    package static func mounter(of library: String) -> String? {
        let name = library.prefix { $0 != "." }
        guard names.contains(name) || name.hasPrefix("libnvidia-") else { return nil }
        return "NVIDIA's container runtime mounts it, from the machine's driver, into containers that ask for a GPU"
    }
}
