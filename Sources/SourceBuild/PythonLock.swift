import ByteIO
import Diagnostics
import OCI

/// The lock file of a package manager other than uv, which pip installs with the hashes that it states.
enum PythonLock: CaseIterable {
    case poetry, pdm, pipenv

    private static let largest = 64 << 20

    var file: String {
        switch self {
        case .poetry: "poetry.lock"
        case .pdm: "pdm.lock"
        case .pipenv: "Pipfile.lock"
        }
    }

    /// What writes a file that pip reads.
    private var export: String {
        switch self {
        case .poetry: "poetry export -o requirements.txt"
        case .pdm: "pdm export --prod -o requirements.txt"
        case .pipenv: "pipenv requirements --hash > requirements.txt"
        }
    }

    /// The first whose file is in `directory`.
    init?(at directory: FilePath) {
        let found = Self.allCases.first { SourceProject.isFile(directory.appending($0.file)) }
        guard let found else { return nil }
        self = found
    }

    /// The lines of a requirements file: the packages that the program needs, with their conditions and hashes.
    ///
    /// - Throws: `source.lock-form`; `io.failed`.
    func requirements(in directory: FilePath) throws(Diagnostic) -> [String] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try OpenFile.content(of: directory.appending(file), limit: Self.largest)
        } catch {
            throw error.diagnostic("read", file)
        }
        return try requirements(of: bytes)
    }

    /// - Throws: `source.lock-form`.
    func requirements(of bytes: [UInt8]) throws(Diagnostic) -> [String] {
        var (lines, seen) = ([String](), Set<String>())
        for package in try packages(of: bytes) {
            let line = try line(for: package)
            if seen.insert(line).inserted { lines.append(line) }
        }
        return lines
    }

    private struct Package {
        var name = ""
        var version = ""
        var marker: String?
        var hashes: [String] = []
        /// Where it is from, if that is not an index.
        var place: String?
    }

    private func packages(of bytes: [UInt8]) throws(Diagnostic) -> [Package] {
        switch self {
        case .pipenv: return try pipenvPackages(of: bytes)
        case .poetry, .pdm:
            guard let document = TOMLDocument(bytes) else { throw unreadable("it is malformed") }
            return try self == .poetry ? poetryPackages(of: document) : pdmPackages(of: document)
        }
    }

    // MARK: The three forms

    /// Since lock-version 2.1 each package says of which groups it is, and under which condition.
    private func poetryPackages(of document: TOMLDocument) throws(Diagnostic) -> [Package] {
        let version = document.all("metadata").first?["lock-version"]?.text ?? "1.0"
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        guard let first = numbers.first, first > 2 || (first == 2 && numbers.dropFirst().first ?? 0 >= 1) else {
            throw unreadable(
                "its form (\(version)) does not say which packages are of which group, as that of poetry 2 does"
            )
        }
        var packages = [Package]()
        var isWanted = false
        for table in document.tables {
            if table.name == "package" {
                let groups = table["groups"]?.list?.compactMap(\.text) ?? ["main"]
                // What only extras ask for.
                isWanted = groups.contains("main") && !(table["optional"]?.isTrue ?? false)
                guard isWanted else { continue }
                var package = package(of: table)
                package.marker = table["markers"]?.text ?? table["markers"]?.table?["main"]?.text
                packages.append(package)
            } else if table.name == "package.source", isWanted {
                let kind = table["type"]?.text ?? ""
                if kind != "legacy" { packages[packages.count - 1].place = kind }
            }
        }
        return packages
    }

    /// With the strategy `inherit_metadata`, which is usual, each package says the same.
    private func pdmPackages(of document: TOMLDocument) throws(Diagnostic) -> [Package] {
        let strategy = document.all("metadata").first?["strategy"]?.list?.compactMap(\.text) ?? []
        guard strategy.contains("inherit_metadata") else {
            throw unreadable(
                "it was written without `inherit_metadata`, and does not say which packages are of which group"
            )
        }
        return document.all("package").filter { table in
            table["groups"]?.list?.compactMap(\.text).contains("default") ?? false
        }.map { table in
            var package = package(of: table)
            package.marker = table["marker"]?.text
            package.place = ["git", "hg", "svn", "bzr", "path", "url"].first { table[$0] != nil }
            return package
        }
    }

    private func package(of table: TOMLDocument.Table) -> Package {
        let files = table["files"]?.list ?? []
        return Package(
            name: table["name"]?.text ?? "",
            version: table["version"]?.text ?? "",
            hashes: files.compactMap { $0.table?["hash"]?.text }
        )
    }

    private func pipenvPackages(of bytes: [UInt8]) throws(Diagnostic) -> [Package] {
        let json: JSON
        do throws(Diagnostic) {
            json = try JSON(parsing: bytes, named: file)
        } catch {
            throw unreadable(error.reason ?? error.summary)
        }
        return (json["default"]?.objectValue?.members ?? []).map { member in
            let version = member.value["version"]?.stringValue ?? ""
            return Package(
                name: member.key,
                version: version.hasPrefix("==") ? String(version.dropFirst(2).drop { $0 == "=" }) : version,
                marker: member.value["markers"]?.stringValue,
                hashes: (member.value["hashes"]?.arrayValue ?? []).compactMap(\.stringValue),
                place: ["git", "hg", "svn", "bzr", "path", "file", "editable"].first { member.value[$0] != nil }
            )
        }.sorted { $0.name < $1.name }
    }

    // MARK: What pip reads

    /// pip's Requirements File Format: `NAME==VERSION ; MARKER --hash=SHA256:…`.
    private func line(for package: Package) throws(Diagnostic) -> String {
        let name = package.name
        if let place = package.place {
            throw unreadable(
                "`\(name)` is from \(place == "git" ? "a git repository" : "a `\(place)`"), which has no hash"
            )
        }
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isWord || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }),
            !name.hasPrefix("-"), !package.version.isEmpty,
            package.version.utf8.allSatisfy({ $0.isWord || "+!.-".utf8.contains($0) })
        else { throw unreadable("a package in it has no name or version that pip reads: `\(name)`") }
        let hashes = package.hashes.filter { hash in
            ["sha256:", "sha384:", "sha512:"].contains { hash.hasPrefix($0) }
                && hash.drop { $0 != ":" }.dropFirst().allSatisfy(\.isHexDigit)
        }
        guard !hashes.isEmpty else { throw unreadable("it states no hash of `\(name)`") }
        var line = "\(name)==\(package.version)"
        if let marker = package.marker {
            let isPlain = marker.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
            // pip takes a word with a hyphen before it for an option.
            guard isPlain, !marker.contains(" -") else { throw unreadable("the condition of `\(name)` is malformed") }
            line += " ; \(marker)"
        }
        return line + hashes.map { " --hash=\($0)" }.joined()
    }

    private func unreadable(_ reason: String) -> Diagnostic {
        Diagnostic(
            .sourceLockForm,
            "pip cannot install what `\(file)` locks",
            at: .file(path: file),
            because: reason,
            hint: "write what it locks in a form that pip reads: `\(export)`"
        )
    }
}

extension UInt8 {
    /// An ASCII letter, a digit or `_`.
    fileprivate var isWord: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == 0x5F
    }
}

extension Diagnostic.Code {
    static let sourceLockForm = Self("source.lock-form", .input)
}
