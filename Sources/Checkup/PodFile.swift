package import ByteIO
package import Diagnostics
import Findings
import Glibc
import OCI
import Pods

/// A file of Kubernetes whose containers an image is compared with.
package struct PodFile: Sendable {
    private let path: String
    private let containers: [PodContainer]

    /// - Throws: `pods.unreadable`, `pods.too-many`; `yaml.…` with line and column.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY).readAll(limit: PodContainer.sizeLimit)
        } catch {
            throw Diagnostic(
                .podsUnreadable,
                "`\(path.display)` cannot be read",
                at: .file(path: path.display),
                because: error.description(readingAtMost: PodContainer.sizeLimit),
                hint: error.hint
            )
        }
        self.path = path.display
        containers = try PodContainer.all(in: bytes, named: path.display)
    }

    /// What the containers that run `image` ask of it and it cannot meet.
    ///
    /// - Parameter names: what the image is called; without one, all containers have to run the same image.
    /// - Throws: `pods.no-container`; what keeps a file of the image from being read.
    func findings(about image: FinishedImage, called names: [Reference]) throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        for container in try containers(running: image, called: names) {
            findings += try PodCheck(image.gated, container).findings()
        }
        return findings
    }

    private func containers(
        running image: FinishedImage,
        called names: [Reference]
    ) throws(Diagnostic) -> [PodContainer] {
        let others = Set(containers.compactMap(\.image).map(Self.repository)).sorted()
        let wanted = Set(names.map(\.repositoryText))
        let found = containers.filter { container in
            guard let text = container.image else { return false }
            return wanted.contains(Self.repository(text)) || names.isEmpty && others.count == 1
        }
        guard found.isEmpty else { return found }
        let shown = others.prefix(3).map { "`\($0)`" }.joined(separator: ", ") + (others.count > 3 ? " …" : "")
        throw Diagnostic(
            .podsNoContainer,
            "no container of `\(path)` runs `\(image.name)`",
            at: .file(path: path),
            because: others.isEmpty
                ? "it has no container with an image"
                : (names.isEmpty
                    ? "the image has no name, and the containers run different ones: \(shown)"
                    : "the image is called `\(names[0].repositoryText)`, and its containers run \(shown)"),
            hint: "name the image as the file does, or build it with that name, with `-t`"
        )
    }

    /// The repository that a container's image is in; the text itself if it is not a reference.
    private static func repository(_ text: String) -> String { (try? Reference(parsing: text))?.repositoryText ?? text }
}

extension Reference {
    /// Without tag and digest.
    fileprivate var repositoryText: String { "\(registry)/\(repository)" }
}

extension Diagnostic.Code {
    static let podsUnreadable = Self("pods.unreadable", .input)
    static let podsNoContainer = Self("pods.no-container", .notFound)
}
