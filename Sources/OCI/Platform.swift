package import Diagnostics

/// What an image's programs run on, in Go's words.
///
/// image-spec, image-index.md § Platform Variants; config.md § Properties.
package struct Platform: Hashable, Sendable, CustomStringConvertible {
    /// `linux`.
    package var os: String
    /// `amd64`, `arm64`.
    package var architecture: String
    /// `v7`, for the architectures that have several.
    package var variant: String?
    /// The version of Windows.
    package var osVersion: String?
    /// Features of Windows that the image needs.
    package var osFeatures: [String]?
    /// Members that we do not model.
    private var others = JSONObject()

    /// Takes the words as they are.
    package init(
        os: String,
        architecture: String,
        variant: String? = nil,
        osVersion: String? = nil,
        osFeatures: [String]? = nil
    ) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
        self.osVersion = osVersion
        self.osFeatures = osFeatures
    }

    /// Processors that are understood without a system before them.
    private static let architectures: Set<String> = [
        "386", "amd64", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x",
    ]

    /// What `uname -m` and Debian call processors, in Go's words.
    private static let kernelNames = [
        "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm/v7", "armv7l": "arm/v7",
        "armel": "arm/v5", "armv6l": "arm/v6", "i386": "386", "i686": "386", "ppc64el": "ppc64le",
    ]

    /// Parses `OS/ARCHITECTURE[/VARIANT]`, or an architecture of Linux.
    ///
    /// - Throws: `platform.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        var fields = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        // Engines take a processor alone, and the kernel's names for it.
        if fields.count == 1, Self.kernelNames[text] != nil || Self.architectures.contains(text) {
            fields.insert("linux", at: 0)
        }
        if fields.count == 2, let name = Self.kernelNames[fields[1]] {
            fields[1...] = name.split(separator: "/").map(String.init)[...]
        }
        let isWord = { (word: String) in
            !word.isEmpty
                && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F }
        }
        guard (2...3).contains(fields.count), fields.allSatisfy(isWord) else {
            throw Diagnostic(
                .platformMalformed,
                "`\(text.excerpt)` is not a platform",
                hint: "write it like `linux/amd64`, `linux/arm64` or `linux/arm/v7`"
            )
        }
        self.init(os: fields[0], architecture: fields[1], variant: fields.count == 3 ? fields[2] : nil)
    }

    /// `linux/arm/v7`.
    package var description: String { [os, architecture, variant].compactMap(\.self).joined(separator: "/") }

    /// Whether programs for the one are programs for the other: an omitted variant is the usual one, so that
    /// `linux/arm64` is `linux/arm64/v8` and `linux/arm` is `linux/arm/v7`. Versions and features are not compared.
    package func matches(_ other: Platform) -> Bool {
        os == other.os && architecture == other.architecture && usualVariant == other.usualVariant
    }

    /// The same without the variant of arm64 that all have, so that one image has one digest however its platform is
    /// written.
    package var normalized: Platform {
        guard architecture == "arm64", variant == "v8" else { return self }
        var platform = self
        platform.variant = nil
        return platform
    }

    private var usualVariant: String? {
        switch (architecture, variant) {
        case ("arm64", nil): "v8"
        case ("arm", nil): "v7"
        default: variant
        }
    }
}

extension Platform: JSONRepresentable {
    enum Key: String, CaseIterable {
        case architecture, os, variant
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Reads a descriptor's platform.
    ///
    /// - Throws: `json.unexpected`.
    package init(_ json: JSON, named name: String) throws(Diagnostic) {
        try self.init(JSONReader(json, named: name))
    }

    init(_ reader: JSONReader) throws(Diagnostic) {
        try self.init(membersOf: reader)
        others = try reader.others(than: Key.self)
    }

    /// Reads the platform's members only: a config has them among its own.
    init(membersOf reader: JSONReader) throws(Diagnostic) {
        func word(_ key: Key) throws(Diagnostic) -> String? {
            guard let text = try reader.optional(key)?.string() else { return nil }
            // Go writes an empty text for an absent variant.
            return text.isEmpty ? nil : text
        }
        os = try reader.member(Key.os).string()
        architecture = try reader.member(Key.architecture).string()
        variant = try word(.variant)
        osVersion = try word(.osVersion)
        osFeatures = try reader.optional(Key.osFeatures)?.strings()
    }

    /// As in a descriptor.
    package var json: JSON {
        var object = JSONObject()
        write(to: &object)
        object.append(others)
        return .object(object)
    }

    /// Sets the platform's members.
    func write(to object: inout JSONObject) {
        object[Key.architecture] = .string(architecture)
        object[Key.os] = .string(os)
        object[Key.osVersion] = osVersion.map(JSON.string)
        object[Key.osFeatures] = osFeatures.map { JSON.strings($0) }
        object[Key.variant] = variant.map(JSON.string)
    }
}

extension Diagnostic.Code {
    package static let platformMalformed = Self("platform.malformed", .usage)
}
