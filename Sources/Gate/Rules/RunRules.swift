package import Findings

// Rules about starting and running: programs, loaders, libraries, scripts, and what programs ask for while they run.
extension Rule {
    // What the image starts.
    package static let programMissing = Rule("run.program-missing", .error, "what the image starts is not in it")
    static let notExecutable = Rule("run.not-executable", .error, "what the image starts may not be executed")
    static let notAProgram = Rule("run.not-a-program", .error, "what the image starts is not a program")
    package static let interpreterMissing = Rule(
        "run.interpreter-missing",
        .error,
        "a script's interpreter is not in the image"
    )
    static let carriageReturn = Rule("run.carriage-return", .error, "a script's first line ends in CR LF")
    static let interpreterLoop = Rule("run.interpreter-loop", .error, "a script's interpreters are scripts without end")
    static let shebangTooLong = Rule("run.shebang-too-long", .error, "a script's first line is longer than Linux reads")

    static let argumentMissing = Rule(
        "run.argument-missing",
        .error,
        "an interpreter starts with a file that the image does not have"
    )
    static let classPathMissing = Rule(
        "run.class-path-missing",
        .warning,
        "Java's class path names what the image does not have"
    )
    static let mountedOver = Rule(
        "run.mounted-over",
        .error,
        "what starts is where engines mount file systems of their own"
    )

    package static let configTime = Rule(
        "run.config-time",
        .error,
        "the image's config has a time that engines cannot read, and they refuse all of it"
    )

    // Loaders and libraries.
    package static let loaderMissing = Rule("run.loader-missing", .error, "a program's loader is not in the image")
    static let libcMismatch = Rule("run.libc-mismatch", .error, "a program is linked with another C library")
    package static let libraryMissing = Rule(
        "run.library-missing",
        .error,
        "a library that is needed is not in the image"
    )
    static let libraryUnreachable = Rule(
        "run.library-unreachable",
        .error,
        "a library that what starts needs is where the loader does not look"
    )
    static let libraryUnusable = Rule(
        "run.library-unusable",
        .error,
        "the loader fails at the file that it takes for a library that is needed"
    )
    static let libraryMounted = Rule(
        "run.library-mounted",
        .note,
        "a library is not in the image because the container runtime mounts it"
    )
    static let libraryElsewhere = Rule(
        "run.library-elsewhere",
        .note,
        "a library is where the loader does not look; another file may have loaded it before"
    )
    static let versionMissing = Rule(
        "run.version-missing",
        .error,
        "a library is older than what needs it: it lacks a symbol version"
    )
    static let versionWeak = Rule("run.version-weak", .note, "a symbol version that is not strictly needed is missing")
    package static let baseIncomplete = Rule("run.base-incomplete", .note, "a file of the base cannot be loaded")
    static let executableStack = Rule(
        "run.executable-stack",
        .error,
        "a library wants an executable stack, which the image's loader refuses"
    )
    static let staticGlibc = Rule("run.static-glibc", .warning, "a static program loads parts of another glibc")

    // Single files.
    static let machineMismatch = Rule("run.machine-mismatch", .error, "a program or library is for another machine")
    static let extensionTag = Rule("run.python-tag", .error, "an extension module is for another Python")
    static let nodeVersion = Rule("run.node-version", .error, "an addon is for another version of Node.js")
    static let pythonModule = Rule(
        "run.python-module",
        .warning,
        "a module is imported that the image's Python does not have"
    )
    static let packed = Rule("run.packed", .warning, "a program is packed, so that it cannot be inspected")
    static let damaged = Rule("run.damaged", .warning, "an ELF file is damaged")
    package static let unprotected = Rule("run.unprotected", .note, "a file lacks protections that linkers provide")

    // What programs ask for while they run.
    static let noAuthorities = Rule(
        "run.no-authorities",
        .warning,
        "a program verifies certificates, and the image has no certificate authorities"
    )
    static let noZones = Rule("run.no-zones", .warning, "time zones are named, and the image has none")
    static let noAccounts = Rule("run.no-accounts", .warning, "a program looks up users, and there is no /etc/passwd")
    static let noTemporaryDirectory = Rule(
        "run.no-temporary-directory",
        .warning,
        "a program writes temporary files, and has no place for them"
    )
    static let noShell = Rule("run.no-shell", .note, "a program may start a shell, and the image has none")
    static let stopSignal = Rule("run.stop-signal", .note, "what starts does not end when an engine asks it to")

    /// Whether the image's programs start, and have what they ask for while they run.
    static let run = [
        programMissing, notExecutable, notAProgram, interpreterMissing, carriageReturn, interpreterLoop, shebangTooLong,
        argumentMissing, classPathMissing, configTime, mountedOver, nodeVersion, pythonModule,
        loaderMissing, libcMismatch, libraryMissing, libraryUnusable, libraryMounted, libraryUnreachable,
        libraryElsewhere, versionMissing, versionWeak, baseIncomplete,
        executableStack, staticGlibc, machineMismatch, extensionTag, packed, damaged, unprotected, noAuthorities,
        noZones, noAccounts,
        noTemporaryDirectory, noShell, stopSignal,
    ]
}
