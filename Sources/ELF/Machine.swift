/// The processor a file is for: `e_machine`.
package struct Machine: Hashable, Sendable {
    package let rawValue: UInt16

    package init(_ rawValue: UInt16) { self.rawValue = rawValue }

    package static let i386 = Machine(3)
    package static let mips = Machine(8)
    package static let ppc = Machine(20)
    package static let ppc64 = Machine(21)
    package static let s390 = Machine(22)
    package static let arm = Machine(40)
    package static let sparcV9 = Machine(43)
    package static let x86_64 = Machine(62)
    package static let aarch64 = Machine(183)
    package static let riscv = Machine(243)
    package static let bpf = Machine(247)
    package static let loongArch = Machine(258)
}

extension Machine: CustomStringConvertible {
    package var description: String {
        switch self {
        case .i386: "i386"
        case .mips: "MIPS"
        case .ppc: "PowerPC"
        case .ppc64: "PowerPC 64"
        case .s390: "S/390"
        case .arm: "ARM"
        case .sparcV9: "SPARC V9"
        case .x86_64: "x86-64"
        case .aarch64: "AArch64"
        case .riscv: "RISC-V"
        case .bpf: "BPF"
        case .loongArch: "LoongArch"
        default: "machine \(rawValue)"
        }
    }
}
