extension Rule {
    /// Every rule that something checks, by code.
    public static let all: [Rule] = (running + lacking + user + secret + junk + size + lint).sorted {
        $0.code < $1.code
    }

    /// The rule with this code; `nil` if there is none.
    public static func named(_ code: String) -> Rule? { all.first { $0.code == code } }

    /// Rules about what programs need while they run.
    private static let lacking = [noAuthorities, noZones, noAccounts, noTemporaryDirectory, noShell]

    /// Rules about starting: programs, loaders, libraries, scripts.
    private static let running = [
        programMissing, notExecutable, notAProgram, interpreterMissing, carriageReturn, shebangTooLong, loaderMissing,
        libcMismatch, libraryMissing, libraryUnreachable, libraryElsewhere, versionMissing, versionWeak, baseIncomplete,
        machineMismatch, extensionTag, packed, damaged, staticGlibc, unprotected,
    ]
}
