/// Where a built image goes.
public enum ImageTarget: Hashable, Sendable {
    /// An image layout (image-spec, image-layout.md) in the directory at this path, beside what it has already.
    case layout(String)
    /// A tar file of an image layout, which `docker load` and `podman load` read, too.
    case archive(String)
    /// The registries of the recipe's `names`.
    case registry
}
