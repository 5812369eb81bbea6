package import Dockerfiles

/// A Dockerfile on its way into a `coracle.yaml`: the last stage becomes an image, the stages before it its source.
package final class DockerfileTranslation {
    /// Files of the project that go to one place of the image.
    struct Placed {
        /// In the build context; of a program that is built, the source.
        let source: String
        let origin: StageSource.Origin
        /// In the image.
        let place: String
        let isDirectory: Bool
        /// What brings it, for a comment.
        let reason: String
        let line: Int
        var owner: (uid: UInt32, gid: UInt32)?
        var mode: UInt16?
        /// Whether it has an `x` in its mode: of a program of the context, and of what is built.
        var isExecutable: Bool
        /// What a program is called by the tool that builds it; `nil` for other files.
        var program: String?
    }

    /// Files of an image that is not a stage.
    struct Foreign {
        let image: String
        /// An absolute path there.
        let source: String
        /// In the image; it ends with a slash if a file keeps its name.
        let place: String
        let line: Int
        var owner: (uid: UInt32, gid: UInt32)?
        var mode: UInt16?
    }

    /// A file whose text stands in the Dockerfile.
    struct Written {
        /// In the image.
        let place: String
        let text: String
        let line: Int
        var mode: UInt16?
        var owner: (uid: UInt32, gid: UInt32)?

        /// The same as a file of the build context.
        var placed: Placed {
            Placed(
                source: "",
                origin: .unknown,
                place: place,
                isDirectory: false,
                reason: "",
                line: line,
                owner: owner,
                mode: mode,
                isExecutable: (mode ?? 0) & 0o111 != 0
            )
        }
    }

    /// A directory that a `RUN` makes.
    struct Made {
        let path: String
        var mode: UInt16?
        var owner: (uid: UInt32, gid: UInt32)?
    }

    let fileName: String
    let files: ProjectFiles
    let stages: DockerfileStages
    let source: StageSource
    let base: DockerfileText
    let baseLine: Int
    let last: Int
    var draft: ProjectDraft
    var image: ProjectDraft.Image
    private var said: Set<ProjectDraft.Remark> = []

    // What the steps have said so far.
    var directory = "/"
    var variables = StageVariables()
    var accounts: Accounts
    var placed: [Placed] = []
    /// What of `placed` is at a path, while the steps are read.
    var places: [String: [Int]] = [:]
    var foreign: [Foreign] = []
    var written: [Written] = []
    var made: [Made] = []
    var links: [(path: String, target: String)] = []
    var commands: [BuildCommand] = []
    /// Those of them that are represented.
    var done: [BuildCommand] = []
    var environment: [DockerfilePair] = []
    var labels: [DockerfilePair] = []
    private var environmentPlaces: [String: Int] = [:]
    private var labelPlaces: [String: Int] = [:]
    var ports: [String] = []
    var volumes: [String] = []
    var user: (text: String, line: Int)?
    var workingDirectory: (text: String, line: Int)?
    var stopSignal: String?
    var shell: [String]?
    var entrypoint: (command: DockerfileCommand, line: Int)?
    var command: (command: DockerfileCommand, line: Int)?
    var healthcheck: (check: DockerfileHealthcheck, line: Int)?
    var authorities: [String] = []
    /// Whether the Dockerfile brings certificates, time zones or accounts.
    var bringsRuntime = false
    var usesPath = false
    /// Whether the image under the last stage is only there to compile.
    var isCompilersBase = false

    /// The project file for `stages`.
    ///
    /// - Parameters:
    ///   - fileName: what comments call the Dockerfile.
    ///   - name: the project's name, for the image where nothing else has one.
    ///   - target: the stage that becomes the image, by its place; `nil` for the last one.
    package static func draft(
        of stages: DockerfileStages,
        named fileName: String,
        project name: String,
        target: Int? = nil,
        _ files: ProjectFiles
    ) -> ProjectDraft {
        let translation = DockerfileTranslation(stages, fileName, name, target, files)
        translation.run()
        return translation.draft
    }

    private init(
        _ stages: DockerfileStages,
        _ fileName: String,
        _ name: String,
        _ target: Int?,
        _ files: ProjectFiles
    ) {
        (self.stages, self.fileName, self.files) = (stages, fileName, files)
        last = target ?? stages.stages.count - 1
        source = StageSource(stages, before: last, files)
        let chain = stages.chain(of: last)
        (base, baseLine) = (chain.base, chain.line)
        accounts = Accounts(of: chain.base.value)
        draft = ProjectDraft("Written by `coracle init --from \(fileName)`; `coracle build` makes the image of it.")
        image = ProjectDraft.Image(name)
    }

    private func run() {
        for step in stages.chain(of: last).steps { read(step) }
        write()
    }

    func replace(_ line: Int?, _ text: String) {
        let remark = ProjectDraft.Remark(line: line, text: text)
        if said.insert(remark).inserted { draft.replaced.append(remark) }
    }

    func leave(_ line: Int?, _ text: String) {
        let remark = ProjectDraft.Remark(line: line, text: text)
        if said.insert(remark).inserted { draft.open.append(remark) }
    }

    /// The text, if it is known what a builder reads; what is not known is listed.
    func known(_ text: DockerfileText, _ step: DockerfileStep, _ name: String? = nil) -> String? {
        if text.usesPath { usesPath = true }
        guard let obstacle = text.obstacle else { return text.value }
        leave(step.line, "`\(step.name) \(name.map { "\($0)=\(text.value)" } ?? step.text)`: \(obstacle)")
        return nil
    }

    /// In the place of the one of the same name, as builders do.
    private static func set(_ pair: DockerfilePair, in pairs: inout [DockerfilePair], _ places: inout [String: Int]) {
        if let place = places[pair.name] {
            pairs[place] = pair
        } else {
            places[pair.name] = pairs.count
            pairs.append(pair)
        }
    }

    // MARK: Steps

    private func read(_ step: DockerfileStep) {
        switch step.content {
        case .argument(let pairs):
            variables.set(pairs, step.name)
        case .environment(let pairs):
            variables.set(pairs, step.name)
            for pair in pairs {
                guard let value = pair.value, known(value, step, pair.name) != nil else { continue }
                Self.set(pair, in: &environment, &environmentPlaces)
            }
        case .labels(let pairs):
            for pair in pairs {
                guard let value = pair.value, known(value, step, pair.name) != nil else { continue }
                Self.set(pair, in: &labels, &labelPlaces)
            }
        case .maintainer(let text):
            let value = DockerfileText(text)
            let pair = DockerfilePair(name: "org.opencontainers.image.authors", value: value)
            Self.set(pair, in: &labels, &labelPlaces)
        case .user(let text): if let text = known(text, step) { user = (text, step.line) }
        case .directory(let text):
            guard let text = known(text, step) else { return }
            directory = ImagePath.absolute(text, in: directory)
            workingDirectory = (directory, step.line)
        case .ports(let texts): ports += texts.compactMap { known($0, step) }
        case .volumes(let texts): volumes += texts.compactMap { known($0, step) }
        case .stopSignal(let text): stopSignal = known(text, step)
        case .entrypoint(let value):
            entrypoint = (value, step.line)
            // Docker forgets the arguments of another program.
            command = nil
        case .command(let value): command = (value, step.line)
        case .shell(let words): shell = words
        case .healthcheck(let check): healthcheck = (check, step.line)
        case .trigger(let text):
            leave(step.line, "`ONBUILD \(text)`: it is for builds on this image, and coracle writes no triggers")
        case .copy(let copy): read(copy, step)
        case .run(let command, let documents): read(command, documents, step)
        }
    }
}
