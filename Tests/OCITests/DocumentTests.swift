import Diagnostics
import Testing

@testable import OCI

private let shaA = "sha256:" + String(repeating: "a", count: 64)
private let shaB = "sha256:" + String(repeating: "b", count: 64)

private func json(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8), named: "x.json") }

private func sorted(_ json: JSON) -> String { String(decoding: json.encoded(sortedKeys: true), as: UTF8.self) }

@Suite("Documents")
struct DocumentTests {
    @Test("our own manifest is compact, its members are sorted, and its descriptor is of its bytes")
    func ownManifest() throws {
        let manifest = Manifest(
            config: Descriptor(mediaType: .imageConfig, digest: try Digest(parsing: shaA), size: 7),
            layers: [
                Descriptor(
                    mediaType: .layerTarGzip,
                    digest: try Digest(parsing: shaB),
                    size: 9,
                    annotations: ["b": "<2>", "a": "1/\u{e9}"]
                )
            ],
            annotations: ["z": "1", "A": "2"]
        )
        let document = Document(encoding: manifest, as: .imageManifest)
        let expected =
            #"{"annotations":{"A":"2","z":"1"},"config":{"digest":"\#(shaA)","mediaType":"application/vnd.oci.image.config.v1+json","size":7},"#
            + #""layers":[{"annotations":{"a":"1/é","b":"<2>"},"digest":"\#(shaB)","mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":9}],"#
            + #""mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}"#
        #expect(String(decoding: document.bytes, as: UTF8.self) == expected)
        #expect(
            document.descriptor
                == Descriptor(
                    mediaType: .imageManifest,
                    digest: Digest(sha256Of: Array(expected.utf8)),
                    size: Int64(expected.utf8.count)
                )
        )
        #expect(try Document<Manifest>(decoding: document.bytes, as: .imageManifest, named: "m") == document)
    }

    @Test("our own config has every field where the spec has it")
    func ownConfig() throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "arm", variant: "v7"))
        config.created = "1970-01-01T00:00:00Z"
        config.config = ImageConfig.Execution(
            user: "1:2",
            exposedPorts: ["80/tcp"],
            env: ["B=1", "A=2"],
            entrypoint: ["/a", "b c"],
            cmd: ["d"],
            volumes: ["/data"],
            workingDir: "/w",
            labels: ["l": "v"],
            stopSignal: "SIGINT"
        )
        config.diffIDs = [DiffID(try Digest(parsing: shaA))]
        config.history = [ImageConfig.History(created: "1970-01-01T00:00:00Z", createdBy: "coracle", comment: "c")]
        let expected =
            #"{"architecture":"arm","config":{"Cmd":["d"],"Entrypoint":["/a","b c"],"Env":["B=1","A=2"],"ExposedPorts":{"80/tcp":{}},"#
            + #""Labels":{"l":"v"},"StopSignal":"SIGINT","User":"1:2","Volumes":{"/data":{}},"WorkingDir":"/w"},"#
            + #""created":"1970-01-01T00:00:00Z","history":[{"comment":"c","created":"1970-01-01T00:00:00Z","created_by":"coracle"}],"#
            + #""os":"linux","rootfs":{"diff_ids":["\#(shaA)"],"type":"layers"},"variant":"v7"}"#
        let document = Document(encoding: config, as: .imageConfig)
        #expect(String(decoding: document.bytes, as: UTF8.self) == expected)
        #expect(try Document<ImageConfig>(decoding: document.bytes, as: .imageConfig, named: "c").content == config)
    }

    @Test("a document from elsewhere keeps its exact bytes")
    func exactBytes() throws {
        let text = "{ \"schemaVersion\": 2,\n\t\"manifests\": [ ],  \"x\": 1e3 }\n"
        let document = try Document<Index>(decoding: Array(text.utf8), as: .imageIndex, named: "i")
        #expect(document.bytes == Array(text.utf8))
        #expect(document.descriptor.digest == Digest(sha256Of: Array(text.utf8)))
        #expect(document.descriptor.size == Int64(text.utf8.count))
    }

    @Test("unknown fields of a manifest come out as they went in")
    func unknownInManifest() throws {
        let text = #"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/x.y",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(shaA)","size":7,"data":"e30=","x-size":1.50},
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+zstd","digest":"\#(shaB)","size":9,"urls":["https://x/y"],
                        "platform":{"os":"linux","architecture":"amd64","x-level":3,"os.version":"1","os.features":["a"]},"future":{"b":[null]}}],
             "subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(shaB)","size":1},
             "annotations":{"a":"b"},"extension":{"z":1e3,"a":[true]},"number":9223372036854775808}
            """#
        let json = try json(text)
        #expect(sorted(try Manifest(json, named: "m").json) == sorted(json))
    }

    @Test("unknown fields of a config come out as they went in")
    func unknownInConfig() throws {
        let text = #"""
            {"architecture":"amd64","os":"linux","created":"2020-01-01T00:00:00.123456789Z","author":"A","docker_version":"20.10","id":"x",
             "config":{"User":"1","Env":["A=b"],"Entrypoint":["/e"],"Cmd":["c"],"Labels":{"l":"m"},"Volumes":{"/v":{}},
                       "ExposedPorts":{"80/tcp":{}},"WorkingDir":"/","StopSignal":"SIGTERM","Healthcheck":{"Test":["CMD","x"],"Interval":1000000000},
                       "OnBuild":["RUN x"],"Shell":["/bin/sh","-c"],"ArgsEscaped":true,"Image":"sha256:x","Domainname":"","Tty":false},
             "container_config":{"Env":null},"rootfs":{"type":"layers","diff_ids":["\#(shaA)"],"x":1},
             "history":[{"created":"2020-01-01T00:00:00Z","created_by":"a","empty_layer":true,"x":1},{"author":"b","comment":"c"}],
             "os.version":"10","os.features":["f"],"variant":"v3"}
            """#
        let json = try json(text)
        #expect(sorted(try ImageConfig(json, named: "c").json) == sorted(json))
    }

    @Test("unknown fields of an index come out as they went in")
    func unknownInIndex() throws {
        let text = #"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","artifactType":"application/x.y","x":[1,2],
             "manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(shaA)","size":7,"y":{"z":null},
                           "platform":{"os":"linux","architecture":"arm64","variant":"v8","q":"r"},"annotations":{"a":"b"}}],
             "subject":{"mediaType":"a/b","digest":"\#(shaB)","size":0,"w":false},"annotations":{"c":"d"}}
            """#
        let json = try json(text)
        #expect(sorted(try Index(json, named: "i").json) == sorted(json))
    }

    private static let descriptor =
        #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(shaA)","size":7}"#

    @Test(
        "a manifest that is something else, or could be read as something else, is refused",
        arguments: [
            #"{"schemaVersion":1,"config":D,"layers":[]}"#, #"{"schemaVersion":3,"config":D,"layers":[]}"#,
            #"{"schemaVersion":"2","config":D,"layers":[]}"#, #"{"config":D,"layers":[]}"#,
            #"{"schemaVersion":2,"layers":[]}"#,
            #"{"schemaVersion":2,"config":D}"#, #"{"schemaVersion":2,"config":D,"layers":[],"manifests":[]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"manifests":null}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"Manifests":[]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"fsLayers":[]}"#,
            #"{"schemaVersion":2,"config":D,"Layers":[]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"Config":D}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"Annotations":{}}"#,
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":D,"layers":[]}"#,
            #"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":D,"layers":[]}"#,
            #"{"schemaVersion":2,"mediaType":5,"config":D,"layers":[]}"#,
            #"{"schemaVersion":2,"config":[],"layers":[]}"#,
            #"{"schemaVersion":2,"config":D,"layers":{}}"#, #"{"schemaVersion":2,"config":D,"layers":[null]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b","digest":"sha256:x","size":1}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b","digest":"sha256:../../etc/passwd","size":1}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b","digest":"S","size":-1}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b","digest":"S","size":9223372036854775808}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b","digest":"S","size":1e3}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b","digest":"S"}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"","digest":"S","size":1}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b\r\nX: y","digest":"S","size":1}]}"#,
            #"{"schemaVersion":2,"config":D,"layers":[],"annotations":{"a":1}}"#, "[]", "null", "2",
        ]
    )
    func refusedManifest(text: String) throws {
        let bytes = Array(text.replacing("D", with: Self.descriptor).replacing("\"S\"", with: "\"\(shaA)\"").utf8)
        let error = #expect(throws: Diagnostic.self) {
            try Document<Manifest>(decoding: bytes, as: .imageManifest, named: "m.json")
        }
        #expect(error?.code.category == .verification)
        #expect(error?.subject.map { $0.description.hasPrefix("m.json") } == true)
    }

    @Test(
        "an index that is something else, or could be read as something else, is refused",
        arguments: [
            #"{"schemaVersion":1,"manifests":[]}"#, #"{"manifests":[]}"#, #"{"schemaVersion":2}"#,
            #"{"schemaVersion":2,"manifests":[],"layers":[]}"#, #"{"schemaVersion":2,"manifests":[],"config":{}}"#,
            #"{"schemaVersion":2,"manifests":[],"CONFIG":{}}"#, #"{"schemaVersion":2,"manifests":[],"fsLayers":[]}"#,
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}"#,
            #"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[]}"#,
            #"{"schemaVersion":2,"manifests":[{"digest":"sha256:x","size":1}]}"#,
        ]
    )
    func refusedIndex(text: String) throws {
        let error = #expect(throws: Diagnostic.self) {
            try Document<Index>(decoding: Array(text.utf8), as: .imageIndex, named: "i.json")
        }
        #expect(error?.code == .jsonUnexpected)
    }

    @Test(
        "a config that no runtime would agree on is refused at its JSON path",
        arguments: [
            (#"{"os":"linux","rootfs":R}"#, "architecture"), (#"{"architecture":"amd64","rootfs":R}"#, "os"),
            (#"{"os":"linux","architecture":"amd64"}"#, "rootfs"),
            (#"{"os":"linux","architecture":"amd64","rootfs":{"type":"other","diff_ids":[]}}"#, "rootfs.type"),
            (#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers"}}"#, "diff_ids"),
            (
                #"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["sha256:X"]}}"#,
                "rootfs.diff_ids[0]"
            ),
            (#"{"os":"linux","architecture":"amd64","rootfs":R,"config":{"User":1000}}"#, "config.User"),
            (
                #"{"os":"linux","architecture":"amd64","rootfs":R,"config":{"Entrypoint":"/bin/sh"}}"#,
                "config.Entrypoint"
            ),
            (#"{"os":"linux","architecture":"amd64","rootfs":R,"config":{"user":"1"}}"#, "user"),
            (#"{"os":"linux","architecture":"amd64","rootfs":R,"history":{}}"#, "history"),
        ]
    )
    func refusedConfig(text: String, path: String) throws {
        let bytes = Array(text.replacing("R", with: #"{"type":"layers","diff_ids":[]}"#).utf8)
        let error = #expect(throws: Diagnostic.self) {
            try Document<ImageConfig>(decoding: bytes, as: .imageConfig, named: "c.json")
        }
        #expect(error?.code.category == .verification)
        #expect(error?.reason?.contains(path) == true, "\(error?.reason ?? "")")
    }

    @Test("the values that Go writes for absent members are read as absent", arguments: ["null", "[]"])
    func nullEntrypoint(value: String) throws {
        let text =
            #"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":null},"config":{"Entrypoint":V,"Env":V,"Cmd":V}}"#
        let config = try ImageConfig(try json(text.replacing("V", with: value)), named: "c")
        #expect((config.config.entrypoint ?? []).isEmpty)
        #expect(config.config.env.isEmpty)
        #expect(config.diffIDs.isEmpty)
    }

    @Test("a document of more than 4 MiB is refused, one of 4 MiB is not")
    func size() throws {
        let core = Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8)
        let full = core + [UInt8](repeating: 0x20, count: (4 << 20) - core.count)
        #expect(try Document<Index>(decoding: full, as: .imageIndex, named: "i").content.manifests.isEmpty)
        let error = #expect(throws: Diagnostic.self) {
            try Document<Index>(decoding: full + [0x20], as: .imageIndex, named: "i")
        }
        #expect(error?.code == .documentTooLarge)
    }

    @Test("parameters of a media type do not count")
    func parameters() throws {
        let type = MediaType(rawValue: "application/vnd.oci.image.index.v1+json ; charset=utf-8")
        #expect(type.essence == .imageIndex)
        #expect(type.isIndex)
        let bytes = Array(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#.utf8
        )
        #expect(try Document<Index>(decoding: bytes, as: type, named: "i").descriptor.mediaType == .imageIndex)
    }
}
