import TestSupport

/// Bytes as GNU tar's and bsdtar's escapes are made to look here: octal for everything that is not a plain character.
func octal(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes {
        if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            let digits = String(byte, radix: 8)
            text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
    }
    return text
}

/// What other programs say is in an archive.
enum Listing {
    static func python(_ archive: String) throws -> [TarHeaderTests.Shown] {
        let script = """
            import sys, tarfile
            def octal(text):
                data = text.encode("utf-8", "surrogateescape")
                return "".join(chr(b) if 0x21 <= b <= 0x7e and b != 0x5c else "\\\\%03o" % b for b in data)
            kinds = {tarfile.REGTYPE: "file", tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink"}
            for m in tarfile.open(sys.argv[1], "r:", encoding="utf-8", errors="surrogateescape"):
                print(kinds[m.type], "%o" % m.mode, m.uid, m.gid, m.size, int(m.mtime), octal(m.name), octal(m.linkname), sep=" ")
            """
        return try Tool.python(script, [archive]).split(separator: "\n").map { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            return try shown(
                line,
                fields[0],
                UInt16(fields[1], radix: 8),
                fields[2],
                fields[3],
                fields[4],
                fields[5],
                fields[6],
                fields[7]
            )
        }
    }

    static func gnuTar(_ archive: String) throws -> [TarHeaderTests.Shown] {
        let output = try Command(
            "tar",
            [
                "--list", "--verbose", "--numeric-owner", "--full-time", "--quoting-style=escape", "--utc", "--file",
                archive,
            ],
            environment: ["LC_ALL": "C"]
        ).output()
        return try output.split(separator: "\n").map { line in
            let fields = line.split(separator: " ", maxSplits: 5).map(String.init)
            guard fields.count == 6 else { throw SupportError("GNU tar says: \(line)") }
            let owner = fields[1].split(separator: "/").map(String.init)
            var (name, target) = (plain(fields[5]), "")
            var kind = "file"
            switch fields[0].first {
            case "d": (kind, name) = ("directory", String(name.dropLast()))
            case "l": (kind, (name, target)) = ("symlink", split(name, " -> "))
            case "h": (kind, (name, target)) = ("hardlink", split(name, " link to "))
            default: break
            }
            return try shown(
                line,
                kind,
                mode(fields[0]),
                owner[0],
                owner[1],
                fields[2],
                "\(seconds(fields[3], fields[4]))",
                name,
                target
            )
        }
    }

    /// By name: bsdtar groups entries by directory here.
    static func bsdTarAttributes(_ archive: String) throws -> [String: TarHeaderTests.Shown] {
        let output = try Command(
            "bsdtar",
            ["--format=mtree", "--options=!all,type,mode,uid,gid,size,time,link", "-cf", "-", "@\(archive)"],
            environment: ["LC_ALL": "C.UTF-8"]
        ).output()
        var entries: [String: TarHeaderTests.Shown] = [:]
        for line in output.split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ").map(String.init)
            var fields: [String: String] = [:]
            for word in words.dropFirst() {
                let (key, value) = split(word, "=")
                fields[key] = value
            }
            let kind = ["file": "file", "dir": "directory", "link": "symlink"][fields["type"] ?? ""] ?? ""
            let time = split(fields["time"] ?? "", ".").0
            let entry = try shown(
                line,
                kind,
                UInt16(fields["mode"] ?? "", radix: 8),
                fields["uid"] ?? "",
                fields["gid"] ?? "",
                fields["size"] ?? "0",
                time,
                plain(String(words[0].dropFirst(2))),
                plain(fields["link"] ?? "")
            )
            guard entries.updateValue(entry, forKey: entry.name) == nil else {
                throw SupportError("twice: \(entry.name)")
            }
        }
        return entries
    }

    /// `NAME SIZE` for each entry; contents are passed over, not read.
    static func bsdTarSizes(_ archive: String) throws -> [String] {
        try Command("bsdtar", ["-tvf", archive], environment: ["LC_ALL": "C.UTF-8"]).output().split(separator: "\n").map
        { line in
            let fields = line.split(separator: " ", maxSplits: 8)
            return fields.count == 9 ? "\(fields[8]) \(fields[4])" : "bsdtar says: \(line)"
        }
    }

    /// `NAME > TARGET` for each link.
    static func bsdTarTargets(_ archive: String) throws -> [String] {
        let output = try Command("bsdtar", ["-tvf", archive], environment: ["LC_ALL": "C.UTF-8"]).output()
        return output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 8).map(String.init)
            guard fields.count == 9 else { return "bsdtar says: \(line)" }
            switch line.first {
            case "l":
                let (name, target) = split(fields[8], " -> ")
                return "\(plain(name)) > \(plain(target))"
            case "h":
                let (name, target) = split(fields[8], " link to ")
                return "\(plain(name)) > \(plain(target))"
            default: return nil
            }
        }
    }

    private static func shown(
        _ line: some StringProtocol,
        _ kind: String,
        _ mode: UInt16?,
        _ uid: String,
        _ gid: String,
        _ size: String,
        _ modified: String,
        _ name: String,
        _ target: String
    ) throws -> TarHeaderTests.Shown {
        guard let mode, let uid = UInt32(uid), let gid = UInt32(gid), let size = Int64(size),
            let modified = Int64(modified)
        else {
            throw SupportError("not understood: \(line)")
        }
        return TarHeaderTests.Shown(
            kind: kind,
            mode: mode,
            uid: uid,
            gid: gid,
            size: size,
            modified: modified,
            name: name,
            target: target
        )
    }

    /// C's short escapes, and characters beyond ASCII, as octal escapes.
    private static func plain(_ text: String) -> String {
        var plain = ""
        var isEscape = false
        let short: [Unicode.Scalar: String] = [
            "n": "\\012", "t": "\\011", "r": "\\015", "\\": "\\134", "e": "\\033", "s": "\\040",
        ]
        for scalar in text.unicodeScalars {
            switch (isEscape, scalar) {
            case (false, "\\"): isEscape = true
            case (true, _):
                plain += short[scalar] ?? "\\\(scalar)"
                isEscape = false
            case (false, _): plain += scalar.isASCII ? String(scalar) : octal(String(scalar).utf8)
            }
        }
        return plain
    }

    private static func split(_ text: String, _ separator: String) -> (String, String) {
        guard let range = text.firstRange(of: separator) else { return (text, "") }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    /// `-rwsr-xr-t` as a number.
    private static func mode(_ text: String) -> UInt16? {
        let letters = Array(text)
        guard letters.count == 10 else { return nil }
        var mode: UInt16 = 0
        for (index, letter) in letters.dropFirst().enumerated() {
            if letter != "-", letter != "S", letter != "T" { mode |= 1 << UInt16(8 - index) }
            if "sStT".contains(letter) { mode |= [2: 0o4000, 5: 0o2000, 8: 0o1000][index] ?? 0 }
        }
        return mode
    }

    /// Seconds since 1970 of a date and time in UTC.
    private static func seconds(_ date: String, _ time: String) -> Int64 {
        let fields = (date.drop { $0 == "-" }.split(separator: "-") + time.split(separator: ":")).compactMap {
            Int64($0)
        }
        guard fields.count == 6 else { return .min }
        let (year, month) = (fields[1] > 2 ? fields[0] : fields[0] - 1, (fields[1] + 9) % 12)
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + fields[2] - 1 - 719_468
        return days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5]
    }
}
