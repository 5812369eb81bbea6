package import Diagnostics

/// What an image says its programs run on, in OCI's words, which are Go's.
///
/// image-spec, config.md § Properties (`architecture`, `variant`) and image-index.md § Platform Variants.
package struct Architecture: Sendable {
    /// `amd64`, `arm64`, `arm` …
    package let name: String
    /// `v5` to `v8` for `arm`, `v8` for `arm64`, `nil` for all others.
    package let variant: String?
    /// What the answer rests on, for a person: `the ELF machine is x86-64`. It has no part in comparisons.
    package let evidence: String

    package init(_ name: String, variant: String? = nil, evidence: String = "") {
        self.name = name
        self.variant = variant
        self.evidence = evidence
    }

    /// What `file` runs on. Only for 32-bit ARM is more read than the header; for that, `go` is its Go build information.
    ///
    /// - Throws: `elf.unsupported-machine` where neither Go nor OCI has a name, as for x32 and big-endian ARM.
    package init(
        of file: ElfFile,
        in source: borrowing some ElfSource & ~Copyable,
        go: GoBuildInfo? = nil
    ) throws(Diagnostic) {
        let header = file.header
        guard let name = Self.name(header) else { throw .elfUnsupportedMachine(file) }
        switch name {
        case "arm":
            let (variant, evidence) = Self.armVariant(of: file, in: source, go)
            self.init(name, variant: variant, evidence: evidence)
        case "arm64":
            self.init(name, variant: "v8", evidence: "the ELF machine is \(header.machine)")
        default:
            self.init(name, evidence: "the ELF machine is \(header.machine)")
        }
    }

    private static func name(_ header: ElfHeader) -> String? {
        switch (header.machine, header.format.elfClass, header.format.byteOrder) {
        case (.x86_64, .bits64, .little): "amd64"
        case (.i386, .bits32, .little): "386"
        case (.aarch64, .bits64, .little): "arm64"
        case (.arm, .bits32, .little): "arm"
        case (.ppc64, .bits64, .little): "ppc64le"
        case (.ppc64, .bits64, .big): "ppc64"
        case (.s390, .bits64, .big): "s390x"
        case (.riscv, .bits64, .little): "riscv64"
        case (.loongArch, .bits64, .little): "loong64"
        case (.mips, .bits64, .little): "mips64le"
        case (.mips, .bits64, .big): "mips64"
        case (.mips, .bits32, let order) where !header.isN32: order == .little ? "mipsle" : "mips"
        default: nil
        }
    }

    /// The lowest variant that runs the file, by the first of these that is there: Go's build settings, what the
    /// assembler noted, and the calling convention, which is ARMv7's where Debian's `armhf` comes from.
    ///
    /// A file that says nothing is `v5`: too low a variant refuses no machine that would run it.
    private static func armVariant(
        of file: ElfFile,
        in source: borrowing some ElfSource & ~Copyable,
        _ go: GoBuildInfo?
    ) -> (variant: String, evidence: String) {
        // Since Go 1.22 it can be `7,hardfloat`.
        if let setting = go?.settings["GOARM"], let digit = setting.first, "567".contains(digit) {
            return ("v\(digit)", "the Go build setting is GOARM=\(setting)")
        }
        if let level = ArmAttributes(of: file, in: source)?.level {
            return ("v\(level)", "its ARM attributes name ARMv\(level)")
        }
        if file.header.flags & 0x400 != 0 {
            return ("v7", "it has the hard-float calling convention, and no attributes")
        }
        return ("v5", "nothing in it asks for more than ARMv5")
    }
}

extension Architecture: Hashable {
    package static func == (left: Architecture, right: Architecture) -> Bool {
        (left.name, left.variant) == (right.name, right.variant)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(variant)
    }
}

extension Architecture: CustomStringConvertible {
    /// `amd64`, `arm/v7`.
    package var description: String { variant.map { "\(name)/\($0)" } ?? name }
}

extension Diagnostic.Code {
    /// A processor, or a way to use it, that images have no name for.
    package static let elfUnsupportedMachine = Self("elf.unsupported-machine", .input)
}

extension Diagnostic {
    fileprivate static func elfUnsupportedMachine(_ file: ElfFile) -> Diagnostic {
        let header = file.header
        let convention =
            switch (header.machine, header.format.elfClass) {
            case (.x86_64, .bits32): "x32: x86-64 with 32-bit addresses"
            case (.aarch64, .bits32): "ILP32: AArch64 with 32-bit addresses"
            case (.mips, .bits32): "n32: 64-bit MIPS with 32-bit addresses"
            default:
                "\(header.machine), \(header.format.elfClass == .bits64 ? 64 : 32)-bit, "
                    + (header.format.byteOrder == .little ? "little-endian" : "big-endian")
            }
        return Diagnostic(
            .elfUnsupportedMachine,
            "`\(file.name)` is for a machine that images have no name for",
            because: "it is for \(convention)",
            hint: "build it for another architecture, such as amd64 or arm64"
        )
    }
}

extension ElfHeader {
    /// MIPS's `EF_MIPS_ABI2`.
    fileprivate var isN32: Bool { flags & 0x20 != 0 }
}
