// swift-tools-version:6.1
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// `make lint` and CI set this: warnings are errors for our own targets only, never for a package we use.
let warnings: [SwiftSetting] =
    Context.environment["CORACLE_WERROR"] == nil ? [] : [.unsafeFlags(["-warnings-as-errors"])]

/// `Fuzz/run` sets this: our own modules are built for libFuzzer, and packages as they always are.
let fuzzing: [SwiftSetting] =
    Context.environment["CORACLE_FUZZ"] == nil
    ? [] : [.unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-sanitize=fuzzer,address"])]

/// One of our modules: `imports` are the modules below it, and nothing else.
func module(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: strict + warnings + fuzzing)
}

/// The tests of one module, or of the whole.
func tests(_ name: String, _ imports: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: imports, exclude: exclude, swiftSettings: strict + warnings)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// What reads certificates.
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")

/// What the HTTP module stands on; no other module sees it.
let asyncHTTPClient: [Target.Dependency] = [
    .product(name: "AsyncHTTPClient", package: "async-http-client"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "coracle",
    products: [
        .executable(name: "coracle", targets: ["CoracleCLI"]),
        .library(name: "Coracle", targets: ["Coracle"]),
        .plugin(name: "BuildContainerImage", targets: ["BuildContainerImage"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CBases"),
        .target(name: "CLinux"),
        .target(name: "CSigning", dependencies: [.product(name: "NIOSSL", package: "swift-nio-ssl")]),

        module("Diagnostics"),
        module("ByteIO", ["Diagnostics", "CLinux"]),
        module("OCI", ["Diagnostics", "CCrypto"]),
        module("Lifetimes", ["OCI", "CBases"]),
        module("Archive", ["ByteIO", "Diagnostics", "CZlib", "CDeflate", "CZstd", "CLzma"]),
        module("ELF", ["Diagnostics"]),
        module("Signing", ["OCI", "Diagnostics", "CSigning"]),
        module("YAML", ["Diagnostics", "CYAML"]),
        module("Project", ["YAML", "OCI", "ByteIO", "Diagnostics"]),
        module("Dockerfiles", ["OCI", "Diagnostics"]),
        module("Pins", ["Dockerfiles", "YAML", "OCI", "ByteIO", "Diagnostics"]),
        module("Kubernetes", ["Pins", "YAML", "OCI", "ByteIO", "Diagnostics"]),
        module("Layers", ["Archive", "OCI", "ByteIO", "Diagnostics"]),
        module("Rootfs", ["Layers", "Archive", "OCI", "ByteIO", "Diagnostics", "CBases", "CCrypto", asn1]),
        module("Store", ["OCI", "Archive", "ByteIO", "Diagnostics"]),
        module("HTTP", ["ByteIO", "Diagnostics"] + asyncHTTPClient),
        module("Registry", ["HTTP", "Store", "OCI", "ByteIO", "Diagnostics"]),
        module("Debian", ["HTTP", "Layers", "Archive", "OCI", "ByteIO", "Diagnostics"]),
        module("Apk", ["Debian", "Signing", "Archive", "OCI", "ByteIO", "Diagnostics"]),
        module(
            "Bases",
            [
                "Apk", "Debian", "HTTP", "Rootfs", "Layers", "Store", "OCI", "YAML", "ELF", "Archive", "ByteIO",
                "Diagnostics", "CBases",
            ]
        ),
        module("BaseLocking", ["Bases", "Apk", "Debian", "HTTP", "Store", "OCI", "YAML", "ByteIO", "Diagnostics"]),
        module("Check", ["ELF", "Store", "Layers", "Archive", "OCI", "ByteIO", "Diagnostics"]),
        module("Needs", ["ELF", "Archive", "OCI", "Diagnostics"]),
        module("Findings", ["Lifetimes", "Needs", "ELF", "Layers", "Archive", "OCI", "Diagnostics"]),
        module("Handover", ["Findings", "OCI", "ByteIO", "Diagnostics"]),
        module("Hygiene", ["Findings", "Lifetimes", "ELF", "Layers", "OCI", "Diagnostics"]),
        module("Python"),
        module("Gate", ["Python", "Hygiene", "Findings", "Needs", "ELF", "Layers", "OCI", "ByteIO", "Diagnostics"]),
        module("Pods", ["Gate", "Findings", "Layers", "OCI", "YAML", "Diagnostics"]),
        module("Doctor", ["Gate", "Findings", "Layers", "OCI", "Diagnostics"]),
        module(
            "Inventory",
            ["Findings", "Needs", "Rootfs", "Debian", "Layers", "Archive", "ELF", "OCI", "ByteIO", "Diagnostics"]
        ),
        module("SBOM", ["Inventory", "Layers", "OCI", "ByteIO", "Diagnostics"]),
        module(
            "Advisories",
            ["Inventory", "Hygiene", "Findings", "Debian", "Layers", "Archive", "OCI", "ByteIO", "Diagnostics"]
        ),
        module("ScannerView", ["Hygiene", "Findings", "OCI", "Diagnostics"]),
        module("SourceTree", ["Store", "Layers", "OCI", "ByteIO", "Diagnostics"]),
        module(
            "Applications",
            ["SourceTree", "Findings", "Layers", "Archive", "ELF", "OCI", "ByteIO", "Diagnostics"]
        ),
        module(
            "Images",
            [
                "BaseLocking", "Bases", "Debian", "Check", "Registry", "HTTP", "Store", "Rootfs", "Lifetimes", "OCI",
                "ByteIO",
                "Diagnostics",
            ]
        ),
        module("Engines", ["Images", "HTTP", "Store", "OCI", "ByteIO", "Diagnostics"]),
        module(
            "EngineCommands",
            [
                "Engines", "SharedOptions", "Terminal", "Request", "Applications", "Images", "Store", "OCI",
                "ByteIO", "Diagnostics", argumentParser,
            ]
        ),
        module("Recompression", ["Check", "Store", "Layers", "Archive", "OCI", "ByteIO", "Diagnostics"]),
        module("SignedImages", ["Signing", "Images", "Store", "OCI", "Diagnostics"]),
        module("SignaturePolicy", ["SignedImages", "Signing", "Images", "OCI", "YAML", "ByteIO", "Diagnostics"]),
        module(
            "Stack",
            [
                "Applications", "Images", "Findings", "Bases", "Check", "Store", "Rootfs", "Layers", "Archive", "ELF",
                "OCI", "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "Request",
            ["Applications", "Images", "Findings", "Layers", "OCI", "ByteIO", "Diagnostics"]
        ),
        module(
            "Plan",
            [
                "Request", "Stack", "Applications", "SourceTree", "Images", "Pods", "Gate", "Hygiene", "Findings",
                "Needs", "Store", "Rootfs", "Layers", "Archive", "ELF", "OCI", "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "SourceBuild",
            [
                "Plan", "Request", "Applications", "SourceTree", "Images", "Store", "Layers", "Archive", "ELF", "OCI",
                "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "Migration",
            [
                "SourceBuild", "Applications", "Dockerfiles", "SharedOptions", "Terminal", "YAML", "OCI", "ByteIO",
                "Diagnostics", argumentParser,
            ]
        ),
        module(
            "Build",
            [
                "Handover", "Plan", "Request", "Stack", "SourceTree", "Images", "Inventory", "Pods", "Gate",
                "Hygiene", "Findings", "Bases", "Check", "Rootfs", "Registry", "Store", "Layers", "Archive", "OCI",
                "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "Checkup",
            [
                "ScannerView", "SBOM", "Advisories", "Inventory", "Plan", "Request", "Stack", "Applications", "Images",
                "Pods", "Doctor", "Gate", "Hygiene", "Findings", "Project", "Needs", "Bases", "Check", "Rootfs",
                "Store",
                "Layers", "Archive", "ELF", "Lifetimes", "OCI", "YAML", "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "Comparison",
            [
                "Checkup", "Inventory", "Stack", "SourceTree", "Images", "Findings", "Check", "Store", "Layers",
                "Archive", "ELF", "OCI", "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "Upkeep",
            [
                "Checkup", "Hygiene", "Findings", "Inventory", "Stack", "Images", "BaseLocking", "Bases", "Lifetimes",
                "Pins", "Store", "Layers", "OCI", "ByteIO", "Diagnostics",
            ]
        ),
        module("Packaging", ["SourceTree", "Layers", "OCI", "ByteIO", "Diagnostics"]),
        module("Page", ["OCI", "Diagnostics"]),
        module(
            "ImagePages",
            [
                "Page", "Comparison", "Checkup", "Inventory", "Images", "Hygiene", "Findings", "Store", "Layers", "OCI",
                "Diagnostics",
            ]
        ),
        module(
            "Reproduction",
            [
                "Comparison", "Build", "Plan", "Request", "Stack", "Signing", "Images", "Check", "Store", "Rootfs",
                "Layers", "Archive", "OCI", "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "Coracle",
            [
                "Checkup", "Build", "Plan", "Request", "Images", "Gate", "Findings", "Check", "Store", "Layers",
                "Archive", "OCI", "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "BuildAttachments",
            [
                "SharedOptions", "KeyCommands", "Checkup", "SBOM", "Build", "Request", "SignedImages", "Signing",
                "Images", "Store", "Layers", "OCI", "ByteIO", "Diagnostics",
            ]
        ),
        module(
            "Rebasing",
            [
                "Handover", "Checkup", "Build", "Plan", "Request", "Stack", "Images", "Gate", "Findings", "Check",
                "Store",
                "Layers", "Archive", "OCI", "Diagnostics",
            ]
        ),
        module("Mistakes", ["OCI", "Diagnostics", argumentParser]),
        module(
            "SharedOptions",
            [
                "Handover",
                "Terminal", "SBOM", "Advisories", "Request", "Images", "Gate", "Findings", "Store", "OCI", "ByteIO",
                "Diagnostics", argumentParser,
            ]
        ),
        module(
            "RegistryCommands",
            [
                "Recompression", "SharedOptions", "KeyCommands", "Terminal", "Request", "SignedImages", "Images",
                "Store", "OCI", "ByteIO",
                "Diagnostics", argumentParser,
            ]
        ),
        module("KeyCommands", ["Terminal", "Signing", "ByteIO", "Diagnostics", argumentParser]),
        module(
            "DayTwoCommands",
            [
                "Handover",
                "BuildAttachments", "Upkeep", "Pins", "Rebasing", "ImagePages", "Comparison", "SharedOptions",
                "Terminal",
                "Checkup", "Build", "Images", "Request", "Store", "OCI", "ByteIO", "Diagnostics", argumentParser,
            ]
        ),
        module("Terminal", ["Findings", "Store", "OCI", "ByteIO", "Diagnostics"]),
        module(
            "BuildCommands",
            [
                "Handover", "BuildAttachments", "EngineCommands", "Migration", "SharedOptions", "KeyCommands",
                "Reproduction", "Terminal", "Checkup", "SourceBuild", "Build", "Plan", "Request", "SignedImages",
                "Signing", "Images",
                "Project", "Findings", "Store", "OCI", "ByteIO", "Diagnostics", argumentParser,
            ]
        ),
        module(
            "KubernetesCommands",
            [
                "BuildCommands", "Kubernetes", "Pins", "SharedOptions", "Terminal", "Checkup", "Build", "Request",
                "Images", "Pods", "Findings", "Store", "OCI", "ByteIO", "Diagnostics", argumentParser,
            ]
        ),
        .executableTarget(
            name: "CoracleCLI",
            dependencies: [
                "BuildCommands", "KubernetesCommands", "EngineCommands", "RegistryCommands", "DayTwoCommands",
                "Migration", "Upkeep",
                "SharedOptions",
                "KeyCommands", "SignaturePolicy", "Mistakes", "Terminal", "Checkup", "ScannerView", "SBOM",
                "Inventory", "Plan", "Request", "SignedImages", "Signing", "Images", "Project", "ImagePages",
                "Hygiene", "Findings", "OCI", "ByteIO", "Diagnostics", argumentParser,
            ],
            swiftSettings: strict + warnings
        ),
        // Makes what is published of the program: see `make dist`.
        .executableTarget(
            name: "CoracleDist",
            dependencies: ["Packaging", "KeyCommands", "Terminal", "Signing", "OCI", "ByteIO", "Diagnostics"],
            swiftSettings: strict + warnings
        ),

        // `swift package build-container-image` in a package that depends on this one. It has SwiftPM build coracle when it
        // runs: if it depended on it, each build of this package would compile everything a second time, as a tool.
        .plugin(
            name: "BuildContainerImage",
            capability: .command(
                intent: .custom(
                    verb: "build-container-image",
                    description: "Build a product of the package, and make a container image of it."
                ),
                permissions: [
                    .writeToPackageDirectory(
                        reason: "The image is written beside Package.swift, unless --output or --push says otherwise."
                    )
                ]
            )
        ),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict + warnings),
        .target(
            name: "FuzzProbes",
            dependencies: [
                "ScannerView", "Reproduction", "SBOM", "Advisories", "Inventory", "Findings", "Needs",
                "SignaturePolicy", "Migration", "Project", "Dockerfiles", "Pins", "Kubernetes", "Pods",
                "Comparison", "Images",
                "Signing",
                "Applications", "Check", "Apk", "Debian", "Registry", "HTTP", "Store", "Rootfs",
                "Layers", "Archive", "ELF", "OCI", "YAML", "ByteIO", "Diagnostics", "CLinux", "Bases",
            ],
            path: "Tests/FuzzProbes",
            swiftSettings: strict + warnings + fuzzing
        ),
        tests("CorpusTests", ["FuzzProbes", "TestSupport"]),
        tests("DiagnosticsTests", ["Diagnostics", "TestSupport"]),
        tests("ByteIOTests", ["ByteIO", "Diagnostics", "TestSupport"]),
        tests("OCITests", ["OCI", "Diagnostics", "TestSupport"]),
        tests("SigningTests", ["Signing", "OCI", "Diagnostics", "TestSupport"]),
        tests("ArchiveTests", ["Archive", "CZlib", "CDeflate", "ByteIO", "Diagnostics", "TestSupport"]),
        tests("ArchiveReadingTests", ["Archive", "ByteIO", "Diagnostics", "TestSupport"]),
        tests("ELFTests", ["ELF", "Diagnostics", "TestSupport"]),
        tests(
            "LayersTests",
            ["Layers", "Archive", "OCI", "ByteIO", "Diagnostics", "TestSupport"],
            exclude: ["Golden"]
        ),
        tests("NeedsTests", ["Needs", "ELF", "Diagnostics", "TestSupport"]),
        tests(
            "GateTests",
            [
                "Pods", "Doctor", "Gate", "ScannerView", "SBOM", "Advisories", "Inventory", "Hygiene", "Findings",
                "Lifetimes", "Needs", "ELF", "Layers", "OCI", "ByteIO", "Diagnostics", "TestSupport",
            ]
        ),
        tests("RootfsTests", ["Rootfs", "Layers", "OCI", "Diagnostics", "TestSupport"]),
        tests("StoreTests", ["Store", "Archive", "OCI", "ByteIO", "Diagnostics", "TestSupport"]),
        tests("HTTPTests", ["HTTP", "ByteIO", "Diagnostics", "TestSupport"]),
        tests(
            "RegistryTests",
            ["Registry", "Debian", "HTTP", "Store", "OCI", "ByteIO", "Diagnostics", "TestSupport"]
        ),
        tests(
            "DebianTests",
            ["Debian", "HTTP", "Layers", "Archive", "OCI", "ByteIO", "Diagnostics", "TestSupport"]
        ),
        tests(
            "ApkTests",
            ["Apk", "Debian", "Signing", "Layers", "Archive", "OCI", "ByteIO", "Diagnostics", "TestSupport"]
        ),
        tests("YAMLTests", ["YAML", "Diagnostics"]),
        tests("KubernetesTests", ["Kubernetes", "Pins", "ByteIO", "Diagnostics", "TestSupport"]),
        tests(
            "BasesTests",
            [
                "BaseLocking", "Bases", "Apk", "Debian", "HTTP", "Store", "Layers", "Archive", "OCI", "ByteIO",
                "Diagnostics",
                "TestSupport",
            ]
        ),
        tests("IgnoreRulesTests", ["SourceTree", "Diagnostics", "TestSupport"]),
        tests(
            "MigrationTests",
            ["Migration", "Dockerfiles", "ByteIO", "Diagnostics", "TestSupport"],
            exclude: ["Golden"]
        ),
        tests(
            "CoracleTests",
            [
                "Coracle", "SourceBuild", "Rebasing", "Project", "Dockerfiles", "Pins", "Checkup", "Build", "Plan",
                "Request", "Stack",
                "Applications",
                "SourceTree", "Images", "Gate", "Findings", "Check", "Store", "Layers", "Archive", "ELF", "OCI",
                "ByteIO", "Diagnostics", "Page", "TestSupport",
            ]
        ),
        tests(
            "EngineTests",
            ["Engines", "HTTP", "Images", "Store", "OCI", "ByteIO", "Diagnostics", "TestSupport", "CoracleCLI"]
        ),
        tests("TerminalTests", ["Terminal", "Store", "OCI", "Diagnostics", "TestSupport"]),
        tests("CommandTests", ["TestSupport", "CoracleCLI", "Mistakes"]),
        tests("InteropTests", ["TestSupport", "CoracleCLI"]),
        tests("ExampleTests", ["TestSupport", "CoracleCLI"]),
        tests(
            "PackagingTests",
            ["CoracleDist", "CoracleCLI", "Handover", "Findings", "OCI", "ByteIO", "Diagnostics", "TestSupport"]
        ),
    ]
)

// `Fuzz/run` links this with libFuzzer.
if !fuzzing.isEmpty {
    package.products.append(.library(name: "FuzzProbes", type: .static, targets: ["FuzzProbes"]))
}

// `CORACLE_TESTS=OCITests,HTTPTests swift test` compiles the tests of these targets only.
if let names = Context.environment["CORACLE_TESTS"]?.split(separator: ",").map(String.init) {
    package.targets.removeAll { $0.type == .test && !names.contains($0.name) }
}
