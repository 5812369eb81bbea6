import ByteIO
import Gate
import Images
import OCI
import Plan

extension BuildRequest {
    /// Digest of everything that is asked for, but not of the time, nor of where the images go: a request that may give
    /// another image, or another report, has another digest.
    var fingerprint: Digest {
        var fingerprint = Fingerprint()
        fingerprint.add(all: paths) { $0.add($1) }
        fingerprint.add(base) { $0.add($1) }
        fingerprint.add(choosesBase)
        fingerprint.add(all: platforms) { $0.add($1) }
        fingerprint.add(destination)
        fingerprint.add(all: additions) { $0.add($1) }
        fingerprint.add(runtime) { $0.add($1) }
        fingerprint.add(configuration)
        fingerprint.add(annotations)
        fingerprint.add(created)
        fingerprint.add(modified.secondsSince1970)
        fingerprint.add(compressionLevel) { $0.add($1) }
        fingerprint.add(allowsEscapingSymlinks)
        fingerprint.add(largestFile)
        fingerprint.add(split)
        fingerprint.add(reuse)
        fingerprint.add(gate) { $0.add($1) }
        fingerprint.add(sizeLimit) { $0.add($1) }
        fingerprint.add(describesPod)
        fingerprint.add(readsAllFiles)
        fingerprint.add(all: passedOver) { $0.add($1) }
        fingerprint.add(hasDebugTwin)
        return fingerprint.digest
    }
}

extension Fingerprint {
    fileprivate mutating func add(_ location: ImageLocation) {
        switch location {
        case .registry(let reference):
            add("registry")
            add(reference.text)
        case .layout(let path, let name): add("layout", path, name)
        case .archive(let path, let name): add("archive", path, name)
        case .dockerArchive(let path, let name): add("docker-archive", path, name)
        case .catalogue(let name):
            add("catalogue")
            add(name)
        }
    }

    private mutating func add(_ kind: String, _ path: FilePath, _ name: String?) {
        add(kind)
        add(path)
        add(name)
    }

    fileprivate mutating func add(_ platform: Platform) {
        add(platform.os)
        add(platform.architecture)
        add(platform.variant)
        add(platform.osVersion)
        add(platform.osFeatures) { $0.add($1) }
    }

    fileprivate mutating func add(_ addition: Addition) {
        add(addition.source)
        add(addition.destination)
        add(addition.mode) { $0.add($1) }
        add(addition.uid)
        add(addition.gid)
    }

    fileprivate mutating func add(_ runtime: BuildRequest.Runtime) {
        switch runtime.certificates {
        case .embedded(let files):
            add("embedded")
            add(all: files) { $0.add($1) }
        case .only(let files):
            add("only")
            add(all: files) { $0.add($1) }
        case .none: add("none")
        }
        add(runtime.includesZoneinfo)
        add(runtime.isMinimal)
    }

    fileprivate mutating func add(_ configuration: BuildRequest.Configuration) {
        add(configuration.entrypoint) { $0.add($1) }
        add(configuration.command)
        add(all: configuration.environment) {
            $0.add($1.name)
            $0.add($1.value)
        }
        add(configuration.labels)
        add(configuration.user)
        add(configuration.workingDirectory)
        add(configuration.ports)
        add(configuration.volumes)
        add(configuration.stopSignal)
    }

    fileprivate mutating func add(_ created: BuildRequest.Created) {
        switch created {
        case .fromPrograms: add("programs")
        case .at(let time, let source):
            add(source)
            add(time.description)
        }
    }

    fileprivate mutating func add(_ split: LayerSplit) {
        switch split.rule {
        case .known: add("known")
        case .auto: add("auto")
        case .one: add("one")
        }
        add(split.mostLayers)
    }

    fileprivate mutating func add(_ reuse: ReuseOptions) {
        add(reuse.previous) { $0.add($1) }
        add(reuse.sources) { $0.add(all: $1) { $0.add($1) } }
        add(reuse.target?.text)
        add(reuse.explains)
    }

    fileprivate mutating func add(_ gate: GateOptions) {
        add(gate.allowed.map(\.code).sorted())
        add(gate.refusesNothing)
    }
}
