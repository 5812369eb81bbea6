import Diagnostics
import ELF
import Findings
import Layers
import OCI

extension NonRootProof {
    /// What prevents the program from starting: the program itself, and the files that the kernel and the loader open for it.
    func start(_ walk: RootWalk<Root>, _ libraries: [EntryPath]) throws(Diagnostic) -> [Finding] {
        guard let word = execution.program else { return [] }
        var findings = [Finding]()
        var program: RootEntry?
        // As `execvp`: what may not be executed is passed over as long as another directory may have it.
        for candidate in execution.candidates(for: word) where program == nil {
            switch walk.reach(candidate.utf8) {
            case .found(let entry) where entry.kind == .file:
                guard walk.user.may(.execute, entry) else {
                    // `run.not-executable` reports a file that no user may execute.
                    guard entry.mode & 0o111 != 0 else { continue }
                    findings.append(denied(.userPermissionDenied, .execute, entry, "is what starts", walk.user))
                    continue
                }
                program = entry
            case .denied(let directory):
                findings.append(
                    denied(.userPermissionDenied, .execute, directory, "leads to `\(candidate)`", walk.user)
                )
            case .found, .missing, .loop: continue
            }
        }
        guard let program else { return findings }
        return try needs(of: program, walk, libraries)
    }

    /// Finds what the user may not open of the files that are opened before the program's first instruction.
    private func needs(
        of program: RootEntry,
        _ walk: RootWalk<Root>,
        _ libraries: [EntryPath]
    ) throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        var needed = libraries.map { (path: $0.bytes, why: "is a library of `\(program.path)`") }
        switch try root.facts(of: program) {
        case .script(let shebang)?:
            if !walk.user.may(.read, program) {
                let reason = "is a script, which `\(shebang.interpreter)` reads"
                findings.append(denied(.userPermissionDenied, .read, program, reason, walk.user))
            }
            switch walk.reach(shebang.interpreter.utf8) {
            case .found(let entry) where !walk.user.may(.execute, entry):
                findings.append(
                    denied(.userPermissionDenied, .execute, entry, "reads the script that starts", walk.user)
                )
            case .denied(let directory):
                let reason = "leads to the interpreter `\(shebang.interpreter)`"
                findings.append(denied(.userPermissionDenied, .execute, directory, reason, walk.user))
            case .found, .missing, .loop: break
            }
        case .elf(let elf)?:
            guard let loader = elf.interpreter else { break }
            switch walk.reach(loader.utf8) {
            // fs/binfmt_elf.c opens it as what is to be executed.
            case .found(let entry) where !walk.user.may(.execute, entry):
                findings.append(denied(.userPermissionDenied, .execute, entry, "is the program's loader", walk.user))
            case .denied(let directory):
                let reason = "leads to the loader `\(loader)`"
                findings.append(denied(.userPermissionDenied, .execute, directory, reason, walk.user))
            case .found, .missing, .loop: break
            }
        case .damaged?, nil: break
        }
        needed += Self.usualFiles.map { (Array($0.utf8), "is read by most programs") }
        if let bundle = execution.value(of: "SSL_CERT_FILE"), !bundle.isEmpty {
            needed.append((Array(bundle.utf8), "has the authorities to trust, as `SSL_CERT_FILE` says"))
        }
        for (path, why) in needed {
            switch walk.reach(path) {
            case .found(let entry) where entry.kind == .file && !walk.user.may(.read, entry):
                findings.append(denied(.userUnreadable, .read, entry, why, walk.user))
            case .denied(let directory):
                let reason = "leads to `\(String(printing: path))`, which \(why)"
                findings.append(denied(.userUnreadable, .execute, directory, reason, walk.user))
            case .found, .missing, .loop: continue
            }
        }
        return findings.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static var usualFiles: [String] {
        [
            "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ssl/certs/ca-certificates.crt", "/etc/localtime",
        ]
    }
}
