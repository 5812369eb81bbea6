package import Diagnostics
import ELF
import Layers

/// All checks of an image, one after the other.
package enum ImageGate {
    /// The findings of all checks: the most severe first, then by rule and path.
    ///
    /// - Throws: the reason why a file cannot be read.
    package static func findings(in image: GatedImage<some ImageRoot>) throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        findings += try StartCheck(image).findings()
        findings += try ProgramCheck(image).findings()
        findings += try NonRootProof(image.root, image.execution).findings(libraries: try libraries(of: image))
        findings += try SecretCheck(image.root).findings()
        findings += try JunkCheck(image.root).findings()
        findings += try NeedsCheck(image).findings()
        return sorted(findings)
    }

    /// The libraries that the loader opens for the program that the image starts; for a script, those of its interpreter.
    private static func libraries(of image: GatedImage<some ImageRoot>) throws(Diagnostic) -> [EntryPath] {
        let search = ProgramSearch(image)
        guard var program = search.entrypoint else { return [] }
        if case .script(let shebang)? = try image.root.facts(of: program) {
            guard let interpreter = search.find(shebang.program) else { return [] }
            program = interpreter
        }
        guard case .elf(let elf)? = try image.root.facts(of: program) else { return [] }
        return try Closure(of: program, elf, LibrarySearch(image)).loaded.dropFirst().map(\.path)
    }

    /// The findings in the order in which they are reported, without duplicates.
    package static func sorted(_ findings: [Finding]) -> [Finding] {
        var seen = Set<Finding>()
        let distinct = findings.filter { seen.insert($0).inserted }
        return distinct.sorted { left, right in
            if left.rule.severity != right.rule.severity { return left.rule.severity > right.rule.severity }
            if left.rule.code != right.rule.code { return left.rule.code < right.rule.code }
            if left.path != right.path { return (left.path ?? .root) < (right.path ?? .root) }
            return left.summary < right.summary
        }
    }
}
