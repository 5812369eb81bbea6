import TestSupport
import Testing

/// With CORACLE_GOLDEN=update in the environment the schema is written again.
@Suite("The JSON Schema of coracle.yaml")
struct GoldenSchemaTests {
    private static let file = "\(Example.repository)/Documentation/coracle.schema.json"

    @Test("the schema in the repository is the one that coracle prints")
    func page() throws {
        let printed = try Built.coracle(["config", "--schema"]).output()
        if Environment.current["CORACLE_GOLDEN"] == "update" {
            try writeFile(Self.file, printed)
        } else {
            #expect(
                String(decoding: try readFile(Self.file), as: UTF8.self) == printed,
                "`make golden` writes it again"
            )
        }
    }

    /// Prints `valid`, or where the document is not; reads it as editors do, which know numbers and truth values.
    private static let judge = """
        import json, sys, yaml, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft7Validator.check_schema(schema)
        errors = list(jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(open(sys.argv[2]))))
        print('valid' if not errors else 'invalid')
        """

    @Test(
        "another program and coracle accept the same files",
        arguments: [
            ("images: {a: {path: x}, b: }", true), ("targets: [{name: a, path: x}]", true),
            ("path: x\nuser: 1000", true),
            ("source: ./cmd/x\ngo: {tags: [a], ldflags: -s, env: {A: b}}", true), ("go: {tag: a}", false),
            ("path: x\npush: true\ncompression-level: 3", true), ("path: x\npush: yess", false),
            ("path: x\npush: '${PUSH:-false}'\ncompression-level: '${LEVEL:-2}'", true),
            ("path: x\ncompression-level: high", false), ("path: x\npth: y", false), ("path: {x: y}", false),
            ("images: {a: {base: {image: b}}, b: {base: debian13/cc}}", true), ("base: {imag: b}", false),
            ("images: {a: {base: {image: b, x: y}}, b: }", false), ("images: {}", false), ("images: []", false),
            ("images: {a/b: }", false), ("images: [{path: x}]", false), ("images: {a: }\ntargets: {b: }", false),
            ("path: x\nenv: {A: 1, B: true}", true), ("path: x\nenv: [A=1]", true), ("path: x\nenv: {A: [1]}", false),
            ("path: x\nprofiles: {r: {push: true, images: }}", false),
            ("path: x\nprofiles: {r: {push: true}, s: }", true),
            ("path: x\nprofiles: {r: {profiles: {}}}", false), ("path: x\nprofiles: {r: {extends: y}}", false),
            ("path: x\nlint: {rules: {lint.shell: off}}", true), ("path: [x, y]\nexpose: [8080, 1]", true),
            ("path: x\nname: a", true), ("path: x\nname: -a", false), ("defaults: {user: 1}\nimages: {a: }", true),
            ("defaults: {image: 1}\nimages: {a: }", false), ("- path: x", false),
            ("path: x\nconfig: {env: {A: 1}, ports: [80]}\nsign: {key: k}", true),
            ("path: x\nconfig: {add: y}", false), ("path: x\nconfig: 7", false),
            ("source: {path: ., go: {tags: a}, bin: x}\nbase: {from: y, key: k}", true),
            ("source: {go: {tag: a}}", false), ("path: x\nlayers: auto\noutput: {path: a, push: false}", true),
            ("path: x\nlayers: {how: auto, max-layers: 3}\nsbom: {format: spdx}", true),
            ("path: x\nprofiles: {r: {lint: {rules: {}}, files: {add: 'a:/b'}}}", true),
        ]
    )
    func judged(text: String, isValid: Bool) throws {
        let place = try TemporaryDirectory()
        try place.file("coracle.yaml", text + "\n")
        #expect((try Built.coracle(["config"], directory: place.path).run().end == .exited(0)) == isValid)
        #expect(try Tool.python(Self.judge, [Self.file, place("coracle.yaml")]) == (isValid ? "valid\n" : "invalid\n"))
    }
}
