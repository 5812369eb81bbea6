/// Feeds bytes that anyone could have written to one reader, in every way that coracle reads them.
///
/// The fuzzer and the replay of its corpus call the same probes. A probe has no result: the reader accepts the bytes or
/// refuses them with a diagnostic, and a trap is a defect. Where something must hold for every input, such as that a
/// printed value is parsed as the same value, the probe traps if it does not.
package struct Probe: Sendable, CustomStringConvertible {
    /// The folder of its corpus in `Tests/Corpus`.
    package let name: String
    /// The longest input worth trying, in bytes.
    package let largestInput: Int
    /// Reads one input.
    package let read: @Sendable ([UInt8]) -> Void

    init(_ name: String, largestInput: Int = 4096, _ read: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.largestInput = largestInput
        self.read = read
    }

    package var description: String { name }

    /// All probes, sorted by name.
    package static let all: [Probe] = [
        Probe("advisories") { AdvisoryProbe.read($0) },
        Probe("apk", largestInput: 16384) { ApkProbe.read($0) },
        Probe("blocks") { BlockTableProbe.read($0) },
        Probe("certificate") { CertificateProbe.read($0) },
        Probe("challenge") { ChallengeProbe.read($0) },
        Probe("control") { ControlProbe.read($0) },
        Probe("credentials") { CredentialProbe.read($0) },
        Probe("deb", largestInput: 16384) { DebProbe.read($0) },
        Probe("difference", largestInput: 32768) { DifferenceProbe.read($0) },
        Probe("docker", largestInput: 16384) { DockerArchiveProbe.read($0) },
        Probe("dockerfile", largestInput: 16384) { DockerfileProbe.read($0) },
        Probe("elf", largestInput: 65536) { ElfProbe.read($0) },
        Probe("gzip") { CompressionProbe.gzip($0) },
        Probe("inventory", largestInput: 16384) { InventoryProbe.read($0) },
        Probe("json") { JSONProbe.read($0) },
        Probe("key") { KeyProbe.read($0) },
        Probe("layers") { LayerTableProbe.read($0) },
        Probe("lock") { LockProbe.read($0) },
        Probe("manifest", largestInput: 16384) { ManifestProbe.read($0) },
        Probe("pins", largestInput: 16384) { PinProbe.read($0) },
        Probe("policy") { PolicyProbe.read($0) },
        Probe("project", largestInput: 16384) { ProjectProbe.read($0) },
        Probe("provenance", largestInput: 16384) { ProvenanceProbe.read($0) },
        Probe("reference", largestInput: 512) { ReferenceProbe.read($0) },
        Probe("sbom", largestInput: 16384) { SBOMProbe.read($0) },
        Probe("signature") { SignatureProbe.read($0) },
        Probe("tar", largestInput: 16384) { TarProbe.read($0) },
        Probe("url", largestInput: 1024) { URLProbe.read($0) },
        Probe("xz") { CompressionProbe.xz($0) },
        Probe("yaml") { YAMLProbe.read($0) },
        Probe("zip") { ZipProbe.read($0) },
        Probe("zstd") { CompressionProbe.zstd($0) },
    ]
}

/// Traps with `message` unless `condition` holds. Fuzzers are built with optimisation, which leaves it in.
func require(_ condition: Bool, _ message: StaticString) {
    guard condition else { fatalError("\(message)") }
}
