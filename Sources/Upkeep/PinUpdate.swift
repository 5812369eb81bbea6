import ByteIO
import Checkup
package import Diagnostics
package import Images
package import OCI
package import Pins
import Store

/// Moves the digests in files to what their names stand for now.
package struct PinUpdate: Sendable {
    package struct Settings: Sendable {
        /// Whether nothing is written.
        package var isDryRun = false
        /// Whether what the new images change is left out.
        package var isQuick = false
        /// `nil` for the first one of each image, or `linux/amd64`.
        package var platform: Platform?

        package init() {}
    }

    private static let parallelRequests = 8

    private let access: ImageAccess
    private let settings: Settings

    package init(_ access: ImageAccess, _ settings: Settings) { (self.access, self.settings) = (access, settings) }

    /// A pin, the reference that it has, and what that stands for.
    private struct Found {
        let file: Int
        let pin: Pin
        let reference: Reference
    }

    /// What is to be written, once all names are known.
    package struct Plan: Sendable {
        package let report: UpdateReport
        private let rewrites: [FileRewrite]

        init(_ report: UpdateReport, _ rewrites: [FileRewrite]) { (self.report, self.rewrites) = (report, rewrites) }

        /// Replaces the files; returns their names.
        ///
        /// - Throws: `pins.changed` if another program has written one since it was read; `io.failed`.
        package func write() throws(Diagnostic) -> [String] {
            for rewrite in rewrites { try rewrite.write() }
            return rewrites.map(\.file.path.display)
        }
    }

    /// Looks up every name of `files`. Nothing is written unless all names are known and all files can be.
    ///
    /// - Throws: `pins.conflict`, `pins.read-only`; what keeps a name from being looked up, with its file and line.
    package func plan(_ files: [PinnedFile]) async throws(Diagnostic) -> Plan {
        var report = UpdateReport(isDryRun: settings.isDryRun)
        var found = [Found]()
        for (index, file) in files.enumerated() {
            for pin in file.pins {
                if let obstacle = pin.obstacle {
                    report.skipped.append(UpdateReport.Skipped(file.path.display, pin, because: obstacle))
                    continue
                }
                guard pin.digest != nil else {
                    report.unpinned += 1
                    continue
                }
                found.append(Found(file: index, pin: pin, reference: try ImageLocation.reference(parsing: pin.text)))
            }
        }
        let states = try await look(up: found, files)
        var edits = [[Range<Int>: String]](repeating: [:], count: files.count)
        var moves = [UpdateReport.Move]()
        for found in found {
            let file = files[found.file]
            switch states[found.reference] {
            case .moved(let old?, let new)?:
                guard let range = found.pin.digest else { continue }
                if let other = edits[found.file].updateValue(new.description, forKey: range), other != new.description {
                    throw .conflict(found.pin, file)
                }
                let place = UpdateReport.Place(file: file.path.display, line: found.pin.line, place: found.pin.place)
                let name = String(found.pin.text.prefix { $0 != "@" })
                if let index = moves.firstIndex(where: { $0.name == name && $0.old == old && $0.new == new }) {
                    moves[index].places.append(place)
                } else {
                    moves.append(UpdateReport.Move(name: name, old: old, new: new, places: [place]))
                }
            case .fixed?:
                let reason = "it has a digest and no tag: there is no name to follow"
                report.skipped.append(UpdateReport.Skipped(file.path.display, found.pin, because: reason))
            default: report.current += 1
            }
        }
        if !settings.isQuick {
            for index in moves.indices { try await describe(&moves[index]) }
        }
        report.moves = moves
        let rewrites = zip(edits, files).filter { !$0.0.isEmpty }.map { FileRewrite($1, replacing: $0) }
        if !settings.isDryRun { for rewrite in rewrites { try rewrite.check() } }
        return Plan(report, rewrites)
    }

    /// The states of all names, each asked for once.
    private func look(
        up found: [Found],
        _ files: [PinnedFile]
    ) async throws(Diagnostic) -> [Reference: NameState] {
        var first: [Reference: Found] = [:]
        for found in found where first[found.reference] == nil { first[found.reference] = found }
        let references = first.keys.sorted { $0.text < $1.text }
        let lookup = NameLookup(access, for: "update")
        let list = try await concurrently(references, atMost: Self.parallelRequests) {
            reference async throws(Diagnostic) in await lookup.state(of: reference)
        }
        var states: [Reference: NameState] = [:]
        for (reference, state) in zip(references, list) {
            if case .unknown(var problem) = state, let found = first[reference] {
                let file = files[found.file].path.display
                problem.reason = [problem.reason, "`\(file)` names it on line \(found.pin.line)"].compactMap(\.self)
                    .joined(separator: "; ")
                throw problem
            }
            states[reference] = state
        }
        return states
    }

    /// What the new image changes, and what the gate says of it. A text that is not complete is better than no update.
    private func describe(_ move: inout UpdateReport.Move) async throws(Diagnostic) {
        let name = try Reference(parsing: move.name)
        do throws(Diagnostic) {
            move.change = try await BaseComparison(access: access).change(
                from: name.at(move.old),
                to: name.at(move.new),
                for: settings.platform
            )
        } catch {
            move.remarks.append("what it changes is not known: \(error.sentence)")
        }
        do throws(Diagnostic) {
            let location = ImageLocation.registry(try name.at(move.new))
            let images = try await PlatformImage.all(of: try access.provider(for: location))
            let wanted = settings.platform ?? move.change?.platform ?? .usual
            guard let image = images.first(where: { $0.platform.matches(wanted) }) ?? images.first else { return }
            move.check = try await ImageChecker(access).check(location, for: [image.platform]).counts
        } catch {
            move.remarks.append("the new image was not checked: \(error.sentence)")
        }
    }
}

extension Diagnostic {
    fileprivate static func conflict(_ pin: Pin, _ file: PinnedFile) -> Diagnostic {
        Diagnostic(
            .pinsConflict,
            "one digest of `\(file.path.display)` would become two",
            at: .file(path: file.path.display, line: pin.line),
            because:
                "`\(pin.text.excerpt)` and an earlier image have it from one place, and their names stand for different images now",
            hint: "write the digest of each image by itself"
        )
    }
}

extension Diagnostic.Code {
    static let pinsConflict = Self("pins.conflict", .input)
}
