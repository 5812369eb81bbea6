package import Applications
package import ByteIO
import Diagnostics
import Glibc
import Images
package import Layers
package import OCI

/// What the user brings: the same program for several platforms, or one directory.
package struct Application {
    /// The part of it that one platform's image holds.
    package struct Variant {
        package private(set) var platform: Platform
        /// What the platform was read from.
        private(set) var evidence: String
        /// Sorted.
        package let entries: [LayerEntry]
        let createdBy: String
        /// The program, or the directory, without symlinks.
        let source: FilePath
        /// An absolute path in the image, or a name that `PATH` leads to; `nil` if what the base starts is kept.
        let entrypoint: String?
        /// What follows `entrypoint` where the author states it; empty for recognised applications.
        var arguments: [String] = []
        /// `nil` for a program that does not need one.
        let workingDirectory: String?
        /// What was read already, by its place in the image.
        package private(set) var programs: [EntryPath: Program]
        /// `nil` for a program that starts by itself.
        package var recognized: RecognizedApplication?
        /// What goes into a layer of its own below `entries`: sorted.
        package var dependencies: [LayerEntry] = []
        /// Which Java its classes need, where something else than itself starts them.
        var servedClasses: ClassVersion?

        /// The same, of which `program` was read already.
        func knowing(_ program: Program, at path: EntryPath) -> Variant {
            var variant = self
            variant.programs[path] = program
            return variant
        }

        /// The same on a base that is for `platform` only.
        func on(_ platform: Platform, because evidence: String) -> Variant {
            var variant = self
            variant.platform = platform
            variant.evidence = evidence
            return variant
        }
    }

    package internal(set) var name: String
    package internal(set) var variants: [Variant]
    /// The base that the catalogue has for it; `nil` if the user names one, or it needs none.
    var chosenBase: ImageLocation?
    /// Whether nothing of it says what it runs on, so that its base decides.
    var takesPlatformOfBase = false
    /// What is wrong if the base starts nothing either.
    var withoutStart: Diagnostic?

    /// Notes that what the base starts has to read `classes`.
    mutating func needs(_ classes: ClassVersion) {
        for index in variants.indices { variants[index].servedClasses = classes }
    }

    /// The same application on a base that is there for `platforms`.
    ///
    /// - Throws: `plan.no-platform` if they leave a choice that this machine does not make.
    func onBase(for platforms: [Platform], onMachine machine: Platform) throws(Diagnostic) -> Application {
        guard takesPlatformOfBase, !platforms.isEmpty else { return self }
        var application = self
        let chosen: Platform
        if platforms.count == 1 {
            chosen = platforms[0]
        } else if let own = platforms.first(where: { $0.os == machine.os && $0.architecture == machine.architecture }) {
            chosen = own
        } else {
            throw Diagnostic(
                .planNoPlatform,
                "the image's platform is not known",
                because: "the base is there for \(platforms.map(\.description).joined(separator: ", "))",
                hint: "name one, such as `--platform \(platforms[0])`"
            )
        }
        application.variants = variants.map { $0.on(chosen.normalized, because: "the base is for it") }
        return application
    }

    /// What an image made from a script or an archive is called: its name without the ending.
    static func name(ofFile file: FilePath) -> String {
        let name = name(of: file)
        let end =
            [".jar", ".war", ".pyz", ".pex", ".py", ".mjs", ".cjs", ".js", ".rb"].first(where: name.hasSuffix) ?? ""
        return name.count > end.count ? String(name.dropLast(end.count)) : name
    }

    /// What an image made from the directory `root` is called: its own name, whatever way it was pointed to.
    package static func name(of root: FilePath) -> String {
        let name = (root.resolved ?? root).name
        return name.isEmpty ? "image" : name
    }
}
