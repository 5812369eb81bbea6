package import Diagnostics
package import Findings
import Layers
import OCI

/// What causes a symptom in one image.
package struct Diagnosis: Sendable {
    package let symptom: Symptom
    /// Facts about the image that explain the symptom, in lines; empty if nothing in the image does.
    package let reasons: [String]
    /// What to do, the most likely first.
    package let hints: [String]

    /// - Parameters:
    ///   - text: the message as it was seen.
    ///   - findings: of all checks of the image.
    package init(
        _ symptom: Symptom,
        _ text: String,
        _ image: GatedImage<some ImageRoot>,
        _ findings: [Finding]
    ) throws(Diagnostic) {
        self.symptom = symptom
        let matching = findings.filter { finding in symptom.codes.contains { finding.rule.code.hasPrefix($0) } }
        var reasons = matching.map { finding in
            finding.summary + (finding.reason.map { ": \($0)" } ?? "")
        }
        var hints = matching.compactMap(\.hint)
        reasons += try ImageFacts(image, text).lines(for: symptom.kind, hasFindings: !matching.isEmpty)
        if hints.isEmpty { hints = [symptom.hint] }
        self.reasons = reasons
        self.hints = hints.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// Facts about an image that explain symptoms and that no check reports.
private struct ImageFacts<Root: ImageRoot> {
    let image: GatedImage<Root>
    let text: String
    let user: ContainerUser?

    init(_ image: GatedImage<Root>, _ text: String) throws(Diagnostic) {
        self.image = image
        self.text = text
        user = ContainerUser(image.execution.user ?? "", in: try UserDatabase(of: image.root))
    }

    func lines(for kind: Symptom.Kind, hasFindings: Bool) throws(Diagnostic) -> [String] {
        switch kind {
        case .unknownAuthority: certificates
        case .unknownZone: zones
        case .temporaryDirectory: temporaryDirectory
        case .readOnly: writable
        case .noSpace: temporaryDirectory + writable
        case .portTaken, .portDenied: ports
        case .permissionDenied: hasFindings ? [] : paths + [startedAs]
        case .noSuchFile: hasFindings ? [] : paths
        case .nonRoot, .unknownUser: [startedAs]
        // Findings report these.
        case .executableStack, .pythonModule: []
        case .execFormat: ["the image is for \(image.platform)"]
        case .symbolVersion, .sharedObject:
            hasFindings
                ? []
                : [
                    "every library and version that its files ask for is in the image: another image ran, or a mount hides them"
                ]
        }
    }

    private var startedAs: String {
        let said = image.execution.user.flatMap { $0.isEmpty ? nil : $0 }
        guard let user else { return "the image's user `\(said ?? "")` is not in its `/etc/passwd`" }
        return
            "the image runs as \(said.map { "`\($0)`" } ?? "root, as it names no user"): uid \(user.id.uid), gid \(user.id.gid)"
    }

    private var certificates: [String] {
        let usual = KnownPlaces.bundles
        var lines = [String]()
        if let file = image.execution.value(of: "SSL_CERT_FILE"), !file.isEmpty {
            let place = image.root.resolve(file) == nil ? "is not in the image" : "is in the image"
            lines.append("`SSL_CERT_FILE` says `\(file)`, which \(place)")
        }
        let there = usual.compactMap { path in image.root.resolve(path).map { (path, $0) } }
        guard let (path, entry) = there.first(where: { $0.1.size > 0 }) else {
            return lines + ["the image has no bundle of certificate authorities, such as `\(usual[0])`"]
        }
        lines.append(
            "`\(path)` is there, with \(entry.size.inMegabytes): the server's authority is not among those in it"
        )
        return lines
    }

    private var zones: [String] {
        guard image.root.resolve("/usr/share/zoneinfo")?.kind == .directory else {
            return ["the image has no `/usr/share/zoneinfo`"]
        }
        let words = text.split { $0 == " " || $0 == "'" || $0 == "\"" || $0 == "`" }
        let named = words.last { $0.contains("/") && !$0.hasPrefix("/") }.map { $0.trimmingPunctuation }
        guard let named else { return ["the image has `/usr/share/zoneinfo`"] }
        let isThere = image.root.resolve("/usr/share/zoneinfo/\(named)") != nil
        return [
            "`/usr/share/zoneinfo/\(named)` is \(isThere ? "there: another image ran, or a mount hides it" : "not in the image")"
        ]
    }

    private var temporaryDirectory: [String] {
        guard let entry = image.root.resolve("/tmp") else { return ["the image has no `/tmp`"] }
        guard let user, !user.may(.write, entry) else { return ["`/tmp` is there with mode \(entry.modeText)"] }
        return ["`/tmp` has mode \(entry.modeText), and user \(user) may not write there"]
    }

    /// Where the program may write, according to the image's volumes.
    private var writable: [String] {
        let volumes = image.execution.volumes
        let words = text.split { " '\"`,".contains($0) }.map { $0.trimmingPunctuation }
        let named = words.first { $0.hasPrefix("/") && !$0.hasPrefix("/dev/") }
        var lines = ["the image's volumes: " + (volumes.isEmpty ? "none" : volumes.joined(separator: ", "))]
        if let named { lines.append("`\(named)` is below no volume") }
        if let named, volumes.contains(where: { named == $0 || named.hasPrefix($0 + "/") }) { lines.removeLast() }
        return lines
    }

    private var ports: [String] {
        let ports = image.execution.exposedPorts
        return ["the image's ports: " + (ports.isEmpty ? "none" : ports.joined(separator: ", "))]
    }

    /// What there is at the paths that the message names.
    private var paths: [String] {
        let words = text.split { " '\"`,".contains($0) }.map { $0.trimmingPunctuation }
        let named = words.filter { $0.hasPrefix("/") && $0.utf8.count > 1 }.prefix(3)
        guard let user else { return [] }
        let walk = RootWalk(root: image.root, user: user)
        return named.map { path in
            switch walk.reach(path.utf8) {
            case .found(let entry):
                "`\(path)` is in the image: mode \(entry.modeText), of \(entry.uid):\(entry.gid)"
            case .missing: "`\(path)` is not in the image"
            case .denied(let directory): "user \(user) may not enter `\(directory.path)` on the way to `\(path)`"
            case .loop: "`\(path)` leads through too many symlinks"
            }
        }
    }
}

extension Substring {
    /// Without what a sentence puts behind a word.
    fileprivate var trimmingPunctuation: String {
        var word = self
        while let last = word.last, ":;.,)".contains(last) { word = word.dropLast() }
        return String(word)
    }
}
