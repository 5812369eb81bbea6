/// How a file is linked: whether it is a program, and whether it runs on its own.
package enum Linkage: Hashable, Sendable {
    case staticExecutable
    /// A program that is static and may be loaded at any address.
    case staticPIE
    /// A program that needs what the image must have: the loader, and the libraries by their names. A program with
    /// libraries and no loader does not start; a Go program with a loader and no libraries does need it.
    case dynamic(loader: String?, needed: [String])
    case sharedLibrary(soname: String?)
    /// What a compiler makes for the linker: a `.o` file.
    case relocatable
    case core
    /// Compressed: what it needs cannot be seen.
    case packed(Packer)
    /// What `objcopy --only-keep-debug` leaves: it has the headers of a program or a library, and none of the code.
    case debugInformation
    /// An `e_type` that Linux does not run.
    case other(UInt16)

    package init(of file: ElfFile) {
        let needed = file.dynamic?.needed ?? []
        self =
            switch file.header.type {
            case .relocatable: .relocatable
            case .core: .core
            case .other(let type): .other(type)
            case .executable, .sharedObject:
                if let packer = file.packer {
                    .packed(packer)
                } else if file.isDebugInformation {
                    .debugInformation
                } else if file.interpreter != nil {
                    .dynamic(loader: file.interpreter, needed: needed)
                } else if Self.isLibrary(file) {
                    .sharedLibrary(soname: file.dynamic?.soname)
                } else if !needed.isEmpty {
                    .dynamic(loader: nil, needed: needed)
                } else {
                    file.header.type == .executable ? .staticExecutable : .staticPIE
                }
            }
    }

    /// The linkage of a file without a loader. Linkers before binutils 2.26 do not mark programs, and some give libraries an entry.
    private static func isLibrary(_ file: ElfFile) -> Bool {
        guard file.header.type == .sharedObject, file.dynamic?.isPIE != true else { return false }
        return file.header.entry == 0 || file.dynamic?.soname != nil || file.dynamic?.needed.isEmpty == false
    }

    /// The C library that the program asks for; `nil` if it asks for none, or for one that is not known.
    package var libc: Libc? {
        guard case .dynamic(let loader, let needed) = self else { return nil }
        return loader.flatMap(Libc.init(loader:)) ?? needed.lazy.compactMap(Libc.init(library:)).first
    }
}

extension Linkage: CustomStringConvertible {
    /// With an article, to follow "it is".
    package var description: String {
        switch self {
        case .staticExecutable: "a static program"
        case .staticPIE: "a static program (position-independent)"
        case .dynamic(let loader, let needed):
            "a dynamically linked program: it needs "
                + ([loader].compactMap { $0.map { "the loader \($0)" } } + needed).joined(separator: ", ")
        case .sharedLibrary(let soname): "a shared library" + (soname.map { " (\($0))" } ?? "")
        case .relocatable: "an object file, not yet linked"
        case .core: "a core dump"
        case .packed(let packer): "a program packed with \(packer.rawValue)"
        case .debugInformation: "debug information without its program"
        case .other(let type): "an ELF file of type \(type)"
        }
    }
}

/// Whose C library a program is linked with.
package enum Libc: String, Hashable, Sendable {
    case glibc
    case musl
    case uClibc
    /// Android's.
    case bionic

    /// By the loader's path, of which only the last component counts: Nix and Bazel keep it elsewhere.
    package init?(loader: String) {
        guard let name = loader.split(separator: "/").last else { return nil }
        if name.hasPrefix("ld-musl-") {
            self = .musl
        } else if name.hasPrefix("ld-linux") || name.hasPrefix("ld64.so.") || name.hasPrefix("ld.so.") {
            self = .glibc
        } else if name.hasPrefix("ld-uClibc") || name.hasPrefix("ld64-uClibc") {
            self = .uClibc
        } else if name == "linker" || name == "linker64" {
            self = .bionic
        } else {
            return nil
        }
    }

    /// By the name of a library a program needs.
    package init?(library: String) {
        if library == "libc.so.6" {
            self = .glibc
        } else if library.hasPrefix("libc.musl-") {
            self = .musl
        } else {
            return nil
        }
    }
}
