package import OCI

/// An image as the gate sees it: its files and how it runs, whether it was built or is only planned.
package struct GatedImage<Root: ImageRoot>: Sendable {
    package let root: Root
    package let platform: Platform
    /// How a container of it is started.
    package let execution: ImageConfig.Execution
    /// The base, as the user named it; `nil` for `scratch`, or if it is not known.
    package let base: String?
    /// Which bases have what the image lacks; `nil` as long as that is not known.
    package var advice: BaseAdvice?

    package init(root: Root, platform: Platform, execution: ImageConfig.Execution, base: String?) {
        self.root = root
        self.platform = platform
        self.execution = execution
        self.base = base
    }
}
