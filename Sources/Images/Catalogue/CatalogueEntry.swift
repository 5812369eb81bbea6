import Bases
package import Diagnostics
package import OCI

extension Catalogue {
    /// One base.
    ///
    /// - Parameter now: what ages are counted from.
    /// Scripts are known for the packages that are in the cache.
    /// - Throws: `base.unknown`, which names those that are spelt alike; `base.variant-unknown`.
    package func show(_ name: String, at now: Timestamp) throws(Diagnostic) -> CatalogueEntry {
        let facts = try BaseFacts(try bases.entry(named: name), in: bases, at: now)
        let packages = facts.packages.first?.packages ?? []
        return CatalogueEntry(
            facts: facts,
            scripts: try PackageScripts(of: packages, facts.entry.definition.suite.format, in: try access.cache())
        )
    }
}

extension Catalogue {
    /// Why a package is in the base called `name`.
    ///
    /// - Throws: `base.unknown`, `base.package-absent`, `base.lock-…`.
    package func reason(of package: String, in name: String) throws(Diagnostic) -> CatalogueReason {
        CatalogueReason(reason: try PackageReason(of: package, in: try bases.entry(named: name)))
    }
}

/// Why a package is in a base.
package struct CatalogueReason: Sendable {
    fileprivate let reason: PackageReason

    /// For a person, in lines.
    package var text: [String] { reason.text }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["name"] = .string(reason.base)
        json["package"] = .string(reason.package)
        json["architecture"] = reason.architecture.map { .string($0) }
        json["because"] = .array(
            reason.steps.map { step in
                [
                    "package": .string(step.package), "dependent": .string(step.dependent),
                    "relation": .string(step.relation),
                ]
            }
        )
        return .object(json)
    }
}

/// What there is to know about one base of a catalogue.
package struct CatalogueEntry: Sendable {
    let facts: BaseFacts
    /// Scripts of the packages for the first architecture: they are the same for all.
    let scripts: PackageScripts

    /// For a person, in lines.
    package var text: [String] {
        let definition = facts.entry.definition
        func line(_ title: String, _ value: String) -> String { "  \(title.leftAligned(12)) \(value)" }
        var lines = [facts.entry.name, line("for", facts.purpose)]
        for name in facts.names.dropFirst() { lines.append(line("short name", name)) }
        lines.append(line("user", facts.user))
        for variable in definition.env { lines.append(line("env", variable)) }
        if let entrypoint = definition.entrypoint {
            lines.append(line("entry point", entrypoint.joined(separator: " ")))
        }
        lines.append(line("libc", facts.libc ?? "none"))
        let none = definition.apk == nil ? "none; `\(definition.fullName):debug` has one" : "none"
        lines.append(line("shell", facts.hasShell ? "yes" : none))
        lines.append(line("end of life", facts.lifetime))
        if let end = facts.regularSupportEnd {
            lines.append(line("", "regular support until \(end), then long-term support"))
        }
        lines.append(line("definition", definition.origin))
        if let lock = facts.entry.section.lock {
            lines.append(line("locked", facts.age ?? ""))
            for release in lock.releases { lines.append(line("", release.title)) }
            if let path = facts.lockPath { lines.append(line("lock", path)) }
        } else {
            let name = definition.apk == nil ? "" : " \(definition.fullName)"
            lines.append(line("locked", "never: make the lock with `coracle base lock\(name)`"))
        }
        for list in facts.packages {
            let (architecture, packages) = (list.architecture, list.packages)
            let count = packages.count == 1 ? "1 package" : "\(packages.count) packages"
            lines.append(line(architecture, "\(count), \(ByteCount(BaseFacts.size(of: packages)))"))
            for package in packages {
                lines.append("    \(ByteCount(package.size).padded)  \(package.name) \(package.version)")
            }
        }
        return lines + scriptLines
    }

    private var scriptLines: [String] {
        var lines = [String]()
        if !scripts.names.isEmpty {
            let system = facts.entry.definition.apk == nil ? "Debian" : "apk"
            lines.append(
                "  scripts of packages that \(system) would run when it installs them, and coracle never runs:"
            )
            for (package, names) in scripts.names.sorted(by: { $0.key < $1.key }) {
                lines.append("    \(package): \(names.joined(separator: ", "))")
            }
        }
        if scripts.absent > 0 {
            let packages = scripts.absent == 1 ? "a package that is" : "\(scripts.absent) packages that are"
            lines.append("  not known of \(packages) not here: whether Debian would run a script")
            lines.append("    `coracle base fetch \(facts.entry.name)` brings them")
        }
        return lines
    }

    /// For a program.
    package var json: JSON {
        let definition = facts.entry.definition
        var json = facts.json
        json["env"] = .array(definition.env.map { .string($0) })
        json["entrypoint"] = definition.entrypoint.map { .array($0.map { .string($0) }) }
        json["definition"] = .string(definition.origin)
        json["releases"] = facts.entry.section.lock.map { lock in
            .array(lock.releases.map(\.json))
        }
        var packages = JSONObject()
        for list in facts.packages { packages[list.architecture] = .array(list.packages.map(\.json)) }
        json["packages"] = .object(packages)
        var scripts = JSONObject()
        for package in self.scripts.names.keys.sorted() {
            scripts[package] = self.scripts.names[package].map { .array($0.map { .string($0) }) }
        }
        json["scripts"] = .object(scripts)
        json["packagesNotLookedInto"] = .int(Int64(self.scripts.absent))
        return .object(json)
    }
}

extension BaseLock.Package {
    /// For a program.
    package var json: JSON {
        [
            "name": .string(name), "version": .string(version), "architecture": .string(architecture),
            "path": .string(path), "size": .int(size), "digest": .string(digest.description),
        ]
    }
}
