import Diagnostics
package import OCI

/// Which bases an application can stand on, and which is the best.
package struct Advice: Sendable {
    /// One base, and what speaks for and against it.
    struct Row: Hashable, Sendable {
        /// Where what is said of the base comes from.
        enum Origin: Hashable, Sendable {
            /// It is `scratch`: there is nothing to look at.
            case scratch
            /// The catalogue. `hasEnded` is true if its suite gets no security updates any more.
            case catalogue(suite: String, hasEnded: Bool)
            /// A table of well-known images; the images themselves were not read.
            case table
        }

        let name: String
        /// `nil` if it fits.
        let problem: String?
        /// Compressed, in bytes, about.
        let size: Int64?
        let libc: String
        let shell: String?
        let packageManager: String?
        let user: String
        let endOfLife: String
        let debugging: String
        let origin: Origin
    }

    /// What the application is, in lines.
    let subject: [String]
    /// The recommended first; then those that fit, then the others.
    let rows: [Row]
    /// The recommended base's name; `nil` if no base fits.
    let recommended: String?
    /// Why, or what to do where nothing fits.
    let reason: String
    /// To build it with.
    let command: String?
    /// What the programs need, for machines to read.
    let needs: JSON

    /// For a person, in lines.
    package var text: [String] {
        var lines = subject
        lines.append("")
        lines.append("recommended: \(recommended ?? "nothing of these"): \(reason)")
        if let command { lines.append("  \(command)") }
        lines.append("")
        var table = [
            ["BASE", "FITS", "SIZE", "LIBC", "SHELL", "PACKAGES", "USER", "END OF LIFE", "DEBUGGED BY", "WHY NOT"]
        ]
        for row in rows {
            table.append([
                row.name, row.problem == nil ? "yes" : "no", row.size.map { ByteCount($0).description } ?? "-",
                row.libc,
                row.shell ?? "-", row.packageManager ?? "-", row.user, row.endOfLife, row.debugging, row.problem ?? "",
            ])
        }
        lines += inColumns(table, right: [2])
        lines.append("")
        lines.append(
            "Sizes are approximate. Bases with a registry in their name come from a table; the images themselves were not read."
        )
        return lines
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["subject"] = .array(subject.map { .string($0) })
        json["needs"] = needs
        json["recommended"] = recommended.map { .string($0) }
        json["reason"] = .string(reason)
        json["command"] = command.map { .string($0) }
        json["bases"] = .array(rows.map(\.json))
        return .object(json)
    }
}

extension Advice.Row {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["fits"] = .bool(problem == nil)
        json["problem"] = problem.map { .string($0) }
        json["size"] = size.map { .int($0) }
        json["libc"] = .string(libc)
        json["shell"] = shell.map { .string($0) }
        json["packageManager"] = packageManager.map { .string($0) }
        json["user"] = .string(user)
        json["endOfLife"] = .string(endOfLife)
        json["debugging"] = .string(debugging)
        json["lookedAt"] = .bool(origin != .table)
        return .object(json)
    }
}
