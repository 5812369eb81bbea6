import Diagnostics
import ELF

/// Why a loader cannot take a file for a library that it looks for.
enum LibraryFlaw: Hashable {
    /// Its processor, in the words of images.
    case otherMachine(String)
    /// The symlink leads to this, which is not there.
    case dangling(target: String)
    case directory
    case empty
    /// It is not an ELF file; `isPointer` for what git has in a large file's place.
    case notELF(isPointer: Bool)
    case damaged(String)
    /// It is an ELF file that is not a library: a program, or an object for the linker.
    case notALibrary(String)

    /// What is wrong with the file: to follow its name.
    var description: String {
        switch self {
        case .otherMachine(let machine): "is for \(machine)"
        case .dangling(let target): "is a symlink to `\(target)`, which is not there"
        case .directory: "is a directory"
        case .empty: "is empty"
        case .notELF(isPointer: true): "is a pointer of git-lfs, not the file itself"
        case .notELF(isPointer: false): "is not an ELF file"
        case .damaged(let reason): "is damaged: \(reason)"
        case .notALibrary(let kind): "is not a library: it is \(kind)"
        }
    }

    /// What to do about it.
    var hint: String {
        switch self {
        case .otherMachine: "bring the library for the image's processor"
        case .dangling: "bring the file that the symlink leads to, too"
        case .notELF(isPointer: true): "get the file itself, with `git lfs pull`"
        case .directory, .empty, .notELF, .damaged, .notALibrary: "build or copy the library again"
        }
    }
}

/// A file that has the name of a library that is looked for, and cannot be loaded.
struct MisfitLibrary: Hashable {
    /// As the loader spells it.
    let path: String
    let flaw: LibraryFlaw
}
