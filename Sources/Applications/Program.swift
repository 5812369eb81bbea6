package import ByteIO
package import Diagnostics
package import ELF
import Glibc
import Layers
package import OCI
import SourceTree

/// An executable of the application: where it is, what it runs on and what it needs.
package struct Program {
    /// The file itself, and what the user called it.
    package let path: FilePath
    package let typed: FilePath
    package let status: FileStatus
    package let elf: ElfFile
    package let platform: Platform
    /// What the platform was read from.
    package let evidence: String
    package let goBuildInfo: GoBuildInfo?

    /// The file's own name.
    package let name: String

    /// Reads the headers of the executable at `path`.
    ///
    /// - Parameter source: what the user named, if the program was made from that.
    /// - Throws: `program.unreadable`, `program.not-elf` with what it is instead, `elf.…`.
    package init(at given: FilePath, madeFrom source: FilePath? = nil) throws(Diagnostic) {
        let typed = source ?? given
        self.typed = typed
        name = given.name
        // A symlink is followed for an argument, and only there.
        path = given.resolved ?? given
        let file: HostFile
        do throws(SystemError) {
            file = try HostFile(opening: path, as: .program)
        } catch {
            // An error of this machine says nothing about the path.
            if [EMFILE, ENFILE, ENOMEM, EIO].contains(error.number) {
                throw error.diagnostic("read the program", typed.display)
            }
            throw Diagnostic(
                .programUnreadable,
                "`\(typed.display)` cannot be read",
                at: .file(path: typed.display),
                because: error.number == EINVAL ? "it is not a regular file" : error.description,
                hint: error.number == EACCES ? "check its mode" : "check the path: the program has to be built first"
            )
        }
        status = file.status
        let start = try file.bytes(at: 0, count: Int(min(file.size, Int64(FileKind.windowSize))))
        let kind = FileKind(start)
        guard kind == .elf else { throw Self.notELF(typed, kind) }
        elf = try ElfFile(file, named: typed.display)
        if let system = elf.header.osABI.otherSystem {
            throw Diagnostic(
                .programNotELF,
                "`\(typed.display)` is not a program for Linux",
                at: .file(path: typed.display),
                because: "it is a program for \(system)",
                hint: "build it for Linux, with Go: `GOOS=linux CGO_ENABLED=0 go build`"
            )
        }
        goBuildInfo = GoBuildInfo(in: elf, reading: file)
        let architecture = try Architecture(of: elf, in: file, go: goBuildInfo)
        platform = Platform(os: "linux", architecture: architecture.name, variant: architecture.variant)
        evidence = architecture.evidence
    }

    private static func notELF(_ path: FilePath, _ kind: FileKind) -> Diagnostic {
        var hint = "name a program that is built for Linux"
        var reason = "it is \(kind)"
        switch kind {
        case .script(let shebang):
            hint = "an image made from `scratch` has no interpreter: name a static program"
            if shebang.endsInCarriageReturn { reason += ", with a carriage return at the end of its first line" }
        case .empty: hint = "build it again"
        case .gzip, .xz, .zstd, .tar:
            let directory = path.display.prefix { $0 != "." }
            let target = directory.isEmpty ? "app" : "\(directory)"
            hint =
                "unpack it, and give the directory: `mkdir \(target)`, `tar -xf \(path.display) -C \(target)`, "
                + "`coracle build \(target)`"
        case .zip: hint = "unpack it with `unzip`, and give the directory"
        case .javaArchive:
            hint =
                "give a jar whose manifest has a `Main-Class`, or name the class: put the jar into a directory, and give "
                + "`--entrypoint '[\"java\", \"-cp\", \"/app/*\", \"com.example.Main\"]'`"
        case .text: hint = "give the program that was built, or the directory of the application"
        case .machO: hint = "build it for Linux, with Go: `GOOS=linux CGO_ENABLED=0 go build`"
        default: break
        }
        return Diagnostic(
            .programNotELF,
            "`\(path.display)` is not a program for Linux",
            at: .file(path: path.display),
            because: reason,
            hint: hint
        )
    }

    /// Checks that it is a program at all. Whether it finds what it needs is for the gate to say.
    ///
    /// - Throws: `elf.not-a-program`.
    package func checkRunnable() throws(Diagnostic) {
        let linkage = Linkage(of: elf)
        switch linkage {
        case .staticExecutable, .staticPIE, .packed, .dynamic: return
        case .sharedLibrary, .relocatable, .core, .debugInformation, .other:
            throw Diagnostic(
                .elfNotAProgram,
                "`\(typed.display)` is not a program",
                at: .file(path: typed.display),
                because: "it is \(linkage)",
                hint: "name the program that was linked from it, or add it to one with `--add`"
            )
        }
    }

    /// What is worth knowing and no reason to stop.
    ///
    /// - Parameter keepsCapabilities: whether the image has the file's capabilities.
    package func notes(keepsCapabilities: Bool) -> [Diagnostic] {
        var notes = [Diagnostic]()
        if !status.isExecutable {
            notes.append(
                Diagnostic(
                    .programMode,
                    "`\(typed.display)` has no execute permission; in the image it has",
                    at: .file(path: typed.display)
                )
            )
        }
        if !keepsCapabilities, let lost = path.fileCapabilities { notes.append(.capabilitiesNotCarried(typed, lost)) }
        return notes
    }
}

extension Diagnostic.Code {
    package static let programNotELF = Self("program.not-elf", .input)
    static let programMode = Self("program.mode", .input)
    static let elfNotAProgram = Self("elf.not-a-program", .input)
}
