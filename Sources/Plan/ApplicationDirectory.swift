import ByteIO
import Diagnostics
import ELF
import Layers
import SourceTree

/// A walked application directory, asked for the program that its image starts.
package struct ApplicationDirectory {
    private let walk: DirectoryWalk
    private let destination: EntryPath

    init(_ walk: DirectoryWalk, at destination: EntryPath) {
        self.walk = walk
        self.destination = destination
    }

    struct Choice {
        /// Absolute, in the image.
        let path: String
        let entry: EntryPath
        /// `nil` if the entry point is not an ELF program of this directory: a script, or a file added otherwise.
        let program: Program?
    }

    /// The program named by `entrypoint`, or the only one that is there.
    ///
    /// - Throws: `plan.which-program` with the candidates, if the user did not say and there is not exactly one.
    func program(entrypoint: String?, workingDirectory: String?) throws(Diagnostic) -> Choice {
        if let entrypoint {
            let start = entrypoint.hasPrefix("/") ? "" : (workingDirectory ?? destination.description) + "/"
            let path = EntryPath(normalizing: start + entrypoint)
            let file = walk.entries.first { $0.path == path }.flatMap(\.hostFile)
            // Whether it is there at all is checked when all layers are known.
            let program = try file.flatMap { file throws(Diagnostic) in try Self.elf(file) }
            return Choice(path: entrypoint, entry: path, program: program)
        }
        let programs = walk.executables.filter { $0.isProminent }.compactMap { executable -> Choice? in
            guard let file = executable.entry.hostFile, let program = try? Self.elf(file), program.isStartable else {
                return nil
            }
            return Choice(path: executable.entry.path.description, entry: executable.entry.path, program: program)
        }
        guard programs.count != 1 else { return programs[0] }
        throw which(programs)
    }

    private static func elf(_ file: FilePath) throws(Diagnostic) -> Program? {
        do throws(Diagnostic) {
            return try Program(at: file)
        } catch {
            // A script may be the entry point where the image has its interpreter: that is checked with all layers known.
            if error.code == .programNotELF { return nil }
            throw error
        }
    }

    private func which(_ programs: [Choice]) -> Diagnostic {
        var candidates = programs.map(\.path)
        if candidates.isEmpty { candidates = walk.executables.map(\.entry.path.description) }
        let shown = candidates.prefix(10).map { "`\($0)`" }.joined(separator: ", ")
        return Diagnostic(
            .planWhichProgram,
            "which program does the image start?",
            because: programs.isEmpty
                ? "there is no executable ELF file at the directory's top or in `bin/`"
                : "there are \(programs.count) executables at the directory's top or in `bin/`",
            hint: candidates.isEmpty
                ? "name it with `--entrypoint`; no file in the directory is executable (`chmod +x`)"
                : "name one with `--entrypoint`: \(shown)" + (candidates.count > 10 ? " …" : "")
        )
    }
}

extension DirectoryWalk.Executable {
    /// Whether it is where programs are: at the top, or in `bin/`.
    fileprivate var isProminent: Bool {
        let slashes = name.count { $0 == UInt8(ascii: "/") }
        return slashes == 0 || (slashes == 1 && name.starts(with: "bin/".utf8))
    }
}

extension Program {
    /// Whether it is a program at all, and not a library that happens to be executable.
    fileprivate var isStartable: Bool {
        switch Linkage(of: elf) {
        case .staticExecutable, .staticPIE, .dynamic, .packed: true
        case .sharedLibrary, .relocatable, .core, .debugInformation, .other: false
        }
    }
}

extension Diagnostic.Code {
    static let planWhichProgram = Self("plan.which-program", .input)
}
