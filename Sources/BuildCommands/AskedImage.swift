import ByteIO
import Images
import Project
import Request
import SourceBuild

/// One image that a command line or a file asks for.
struct AskedImage {
    /// What was typed, over what the file says.
    var options: BuildOptions
    /// Its name in the file; `nil` if it has none.
    var name: String?
    /// Where the file says that the path is source; `nil` if it does not.
    var source: ProjectOrigin?
    /// What the file says about how source is built.
    var settings = SourceSettings()
    /// The image of the file that it stands on; `nil` if there is none.
    var base: String?

    /// The images of the file that it takes files of.
    private(set) var sources: [String] = []

    /// The file that asks for it, which is left out of the image; `nil` if there is none.
    var file: FilePath?

    /// Places of the options that say something; `nil` if all are to be looked at.
    private var given: [Int]?

    init(_ options: BuildOptions) { self.options = options }

    /// An image of a file, with `options` over what the file says.
    ///
    /// - Parameter typed: places of those that were typed.
    init(_ image: ProjectDescription.Image, under options: BuildOptions, typed: [Int], name: String?) {
        (self.options, given) = options.over(image, named: name ?? image.name ?? "", typed)
        self.name = name
        base = options.files.base == nil ? image.base : nil
        sources = options.files.addFrom.isEmpty ? image.sources : []
        source = image.values["source"]?.origin
        guard image.values.keys.contains(where: { $0.utf8.contains(UInt8(ascii: ".")) }) else { return }
        for toolchain in Ecosystem.allCases {
            let words = SourceSettings.Words(image.values, toolchain.rawValue)
            if words != SourceSettings.Words() { settings.words[toolchain] = words }
        }
    }

    /// The only image of `project`. Without a path it is the project's directory.
    init(_ image: ProjectDescription.Image, of project: ProjectDescription, under options: BuildOptions) {
        let typed = options.givenPlaces
        var here = options.over(image, named: image.name ?? "", typed).options
        if here.paths.isEmpty { here.paths = [project.directory?.display ?? "."] }
        let name = image.name ?? here.programName
        self.init(image.named(name), under: options, typed: typed, name: nil)
        if self.options.paths.isEmpty { self.options.paths = here.paths }
        self.name = image.name
        file = project.path
        if image.name != nil || project.directory != nil { self.options.setUsualOutput(name, project.directory) }
    }

    func parsed(_ access: ImageAccess) -> ParsedRequest {
        var parsed = options.parsed(access, named: name, given, siblings: sources)
        parsed.request.passedOver += [file].compactMap(\.self)
        return parsed
    }
}

extension BuildOptions {
    /// Says where an image called `name` goes, if nothing does.
    mutating func setUsualOutput(_ name: String, _ directory: FilePath?) {
        guard output.output == nil, output.tarball == nil, !output.push, !output.isLoaded else { return }
        output.output = directory?.appending("\(name).oci").display ?? "\(name).oci"
    }
}

extension SourceSettings.Words {
    /// What a file says at `key`.
    fileprivate init(_ values: [String: ProjectValue], _ key: String) {
        func texts(_ member: String) -> [String] { values["\(key).\(member)"]?.texts ?? [] }
        let environment = texts("env").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        self.init(
            flags: texts("flags"),
            ldflags: texts("ldflags"),
            tags: texts("tags"),
            environment: Dictionary(environment) { $1 }
        )
    }
}
