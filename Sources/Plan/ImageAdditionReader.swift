import Diagnostics
package import Images
import Layers
package import OCI
import Request
import Stack
import Store

/// Another image, of which files are in the images of a plan.
package struct SourceImage: Hashable, Sendable {
    package let location: ImageLocation
    /// What the name stood for.
    package let top: Digest
}

/// What `--add-from` brings.
struct ImageAdditions: Sendable {
    /// By the application's platforms; sorted.
    var entries: [Platform: [LayerEntry]] = [:]
    /// The images that the files are from, each once, in the order in which they were named.
    var images: [SourceImage] = []
    /// For the image's history.
    var step = ""

    /// The entries for `platform`, which may be that of a newer base than the application's.
    func entries(for platform: Platform) -> [LayerEntry] {
        entries[platform] ?? entries.filter { platform.runs($0.key) }.min { "\($0.key)" < "\($1.key)" }?.value ?? []
    }

    /// Takes the files of each image for each of `platforms`.
    static func read(
        _ request: BuildRequest,
        for platforms: [Platform],
        _ share: PlanShare,
        _ access: ImageAccess
    ) async -> Checked<ImageAdditions> {
        var (remarks, found) = (Remarks(), ImageAdditions())
        var steps = [String]()
        for location in request.sourceLocations {
            let additions = request.imageAdditions.filter { $0.image == location }
            do throws(Diagnostic) {
                let image = SourceImage(
                    location: location,
                    top: try await share.provider(for: location, on: platforms, access).top().digest
                )
                found.images.append(image)
                steps += additions.map { "--add-from \(image.step($0))" }
                let files = try await share.files(location, for: platforms, access)
                for platform in Set(platforms).sorted(by: { "\($0)" < "\($1)" }) {
                    guard let files = try files[platform]?.get() else { continue }
                    let taken = try await files.take(
                        additions.map(\.wish),
                        request.rules,
                        into: try access.unpackingDirectory()
                    )
                    found.entries[platform, default: []] += taken.entries
                    for note in files.notes(on: taken) { remarks.noteOnce(note) }
                }
            } catch {
                remarks.problems.add(error)
            }
        }
        found.step = "coracle: " + steps.joined(separator: " ")
        for platform in found.entries.keys { found.entries[platform]?.sort { $0.path < $1.path } }
        return Checked(found, remarks)
    }
}

extension SourceImage {
    /// What is taken of it, without paths of this machine.
    fileprivate func step(_ addition: ImageAddition) -> String {
        guard case .registry(let reference) = location else {
            let name = addition.recordedImage.map { "\($0)@" } ?? ""
            return addition.text(from: "\(name)\(top)")
        }
        return addition.text(from: reference.digest == nil ? "\(reference.normalized)@\(top)" : reference.normalized)
    }
}

extension ImageAddition {
    fileprivate var wish: ImageFiles.Wish {
        ImageFiles.Wish(source: source, destination: destination, mode: mode, owner: owner)
    }
}

extension BuildRequest {
    fileprivate var rules: ImageFiles.Rules {
        ImageFiles.Rules(
            largestFile: largestFile,
            modified: modified.secondsSince1970,
            keepsCapabilities: keepsCapabilities
        )
    }
}
