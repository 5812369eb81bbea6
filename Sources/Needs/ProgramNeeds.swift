package import Diagnostics
package import ELF

/// What a program needs of the image it runs in, and what shows it.
package struct ProgramNeeds: Hashable, Sendable {
    package let maker: ProgramMaker
    /// One for each need.
    private let answers: [Need: NeedAnswer]

    package subscript(need: Need) -> NeedAnswer { answers[need] ?? .unknown("it was not looked for") }

    /// Reads the parts of the program that are loaded, once.
    ///
    /// - Parameter go: what Go's linker noted in it, where that was read.
    /// - Throws: what `source` throws.
    package init(
        of file: ElfFile,
        reading source: borrowing some ElfSource & ~Copyable,
        go: GoBuildInfo?
    ) throws(Diagnostic) {
        if let packer = file.packer {
            self.init(hiddenBecause: "it is packed with \(packer.rawValue), which cannot be looked into")
            return
        }
        let evidence = try Evidence(in: file, reading: source)
        var maker = ProgramMaker.other
        if let go {
            maker = .go(go)
        } else if let commit = evidence.rustCommit {
            maker = .rust(commit: commit, crates: RustCrates(in: file, reading: source))
        }
        let reader = AnswerReader(evidence: evidence, file: file, maker: maker)
        self.init(maker) { reader.answer($0) }
    }

    /// `nil` if the bytes are not an ELF file, or cannot be parsed as one: other checks report that.
    ///
    /// - Throws: what `source` throws where the file cannot be read.
    package init?(ifIn source: borrowing some ElfSource & ~Copyable, named name: String) throws(Diagnostic) {
        guard source.size >= 52, try source.bytes(at: 0, count: 4) == ElfHeader.magic else { return nil }
        guard let file = try? ElfFile(source, named: name) else { return nil }
        try self.init(of: file, reading: source, go: GoBuildInfo(in: file, reading: source))
    }

    /// The needs of a file that cannot be analysed, such as a script.
    package init(hiddenBecause reason: String) { self.init(.other) { _ in .unknown(reason) } }

    /// With these answers, and no sign of anything else.
    package init(_ answers: [Need: NeedAnswer]) {
        self.init(.other) { answers[$0] ?? .unneeded("nothing in the program asks for it") }
    }

    private init(_ maker: ProgramMaker, _ answer: (Need) -> NeedAnswer) {
        self.maker = maker
        answers = Dictionary(uniqueKeysWithValues: Need.allCases.map { ($0, answer($0)) })
    }
}

/// The toolchain that made a program, if it shows.
package enum ProgramMaker: Hashable, Sendable {
    case go(GoBuildInfo)
    /// By the commit of its compiler; with the crates that `cargo auditable` noted.
    case rust(commit: String, crates: RustCrates?)
    case other
}

/// Makes answers of what was seen.
private struct AnswerReader {
    let evidence: Evidence
    let file: ElfFile
    let maker: ProgramMaker

    /// Number of well-known authorities in a program from which on it must contain a bundle of its own.
    private static let fewestAuthorities = 3

    func answer(_ need: Need) -> NeedAnswer {
        var answers = markerAnswers(need)
        if need == .certificates { answers += libraryAnswers + authorityAnswers }
        if answers.isEmpty { answers = crateAnswers(need) }
        // A program with a bundle of its own does not depend on the image, whatever else it links.
        if let carried = answers.first(where: { if case .carried = $0 { true } else { false } }) { return carried }
        // If several are equal, the first counts: the table has the most telling before the rest.
        let weight = answers.map(\.weight).max() ?? 0
        return answers.first { $0.weight == weight } ?? nothing(need)
    }

    private var isGo: Bool { if case .go = maker { true } else { false } }
    private var isRust: Bool { if case .rust = maker { true } else { false } }
    private var isStatic: Bool { file.interpreter == nil && file.dynamic?.needed.isEmpty != false }
    private var hasGoNames: Bool {
        Marker.all.indices.contains { index in
            if case .goNames = Marker.all[index].meaning { evidence.seen[index] != nil } else { false }
        }
    }

    private func counts(_ maker: Marker.Maker) -> Bool {
        switch maker {
        case .go: isGo
        case .obfuscatedGo: isGo && !hasGoNames
        case .rust: isRust
        case .native: !isGo
        case .imported, .any: true
        }
    }

    private func markerAnswers(_ need: Need) -> [NeedAnswer] {
        Marker.all.indices.compactMap { index in
            let marker = Marker.all[index]
            guard let rest = evidence.seen[index], counts(marker.maker) else { return nil }
            switch marker.meaning {
            case .answer(need, let answer): return answer
            case .crate(need, let isCarried):
                let text = String(decoding: marker.text, as: UTF8.self).drop { $0 == "/" }
                return isCarried ? .carried("links \(text)\(rest)") : .needed("links \(text)\(rest)")
            case .answer, .crate, .authority, .rustCompiler, .goNames: return nil
            }
        }
    }

    /// Libraries that verify servers by the system's bundle.
    private var libraryAnswers: [NeedAnswer] {
        let needed = file.dynamic?.needed ?? []
        let names = ["libssl.so", "libgnutls.so", "libcurl.so", "libcurl-gnutls.so", "libcurl-nss.so", "libmbedtls.so"]
        return needed.filter { library in names.contains { library.hasPrefix($0) } }.map { .needed("links \($0)") }
    }

    private var authorityAnswers: [NeedAnswer] {
        let count = Marker.all.indices.count { index in
            if case .authority = Marker.all[index].meaning { evidence.seen[index] != nil } else { false }
        }
        guard !isGo, count >= Self.fewestAuthorities else { return [] }
        return [.carried("has well-known authorities in itself")]
    }

    /// What a crate in the list stands for. The list may be a whole workspace's, so it only hints.
    private func crateAnswers(_ need: Need) -> [NeedAnswer] {
        guard case .rust(_, let crates?) = maker else { return [] }
        let names: [String]
        switch need {
        case .certificates:
            names = ["rustls-native-certs", "rustls-platform-verifier", "openssl-probe", "native-tls"]
        case .zones: names = ["jiff", "tz-rs"]
        case .accounts, .temporaryFiles, .nameLookup, .shell, .mediaTypes: names = []
        }
        return names.compactMap { name in crates.version(of: name).map { .likely("was built with \(name) \($0)") } }
    }

    /// The answer where no marker was seen.
    private func nothing(_ need: Need) -> NeedAnswer {
        if isGo {
            return switch need {
            case .certificates: .unneeded("links no crypto/x509 system roots")
            case .zones: .unneeded("links no time.LoadLocation")
            case .accounts: .unneeded("links no lookup of os/user")
            case .temporaryFiles: .unneeded("links no os.CreateTemp")
            case .nameLookup: .unneeded("links no net.Resolver")
            case .shell: .unneeded("names no /bin/sh")
            case .mediaTypes: .unneeded("links no mime.TypeByExtension")
            }
        }
        switch need {
        case .certificates: return .unneeded("no TLS library, and no SSL_CERT_FILE in it")
        case .zones: return .unneeded("no time zone library in it")
        case .accounts:
            return .unneeded(isStatic ? "names no /etc/passwd" : "calls neither getpwnam nor getpwuid")
        case .temporaryFiles:
            // The C library's own texts have all that would show it.
            return isStatic && !isRust
                ? .unknown("whether a static program writes temporary files cannot be seen")
                : .unneeded("calls neither mkstemp nor tmpfile")
        case .nameLookup: return .unneeded(isStatic ? "names no /etc/resolv.conf" : "calls no getaddrinfo")
        case .shell: return .unneeded("names no /bin/sh")
        case .mediaTypes: return .unneeded("names no /etc/mime.types")
        }
    }
}
