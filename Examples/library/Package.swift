// swift-tools-version:6.1
import PackageDescription

let package = Package(
    name: "image",
    dependencies: [.package(name: "coracle", path: "../..")],
    targets: [
        .executableTarget(name: "image", dependencies: [.product(name: "Coracle", package: "coracle")])
    ]
)
