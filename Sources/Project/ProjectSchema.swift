package import OCI

extension ProjectKeys {
    /// The JSON Schema of `coracle.yaml`, for editors.
    ///
    /// Scalars have any type: `8080` and `true` are text where text is expected, as they are for coracle.
    package var schema: JSON {
        var image = JSONObject()
        for key in all {
            let parts = key.name.split(separator: ".").map(String.init)
            guard parts.count > 1 else {
                image[key.name] = key.schema
                continue
            }
            var inner = image[parts[0]]?["properties"]?.objectValue ?? JSONObject()
            inner[parts[1]] = key.schema
            image[parts[0]] = ["type": "object", "properties": .object(inner), "additionalProperties": false]
        }
        var named = image
        named["name"] = ["$ref": "#/$defs/name", "description": "The image's name."]
        var common = image
        common["name"] = [
            "$ref": "#/$defs/name", "description": "The name of the only image, where no images are listed.",
        ]
        common["defaults"] = ["$ref": "#/$defs/image", "description": "What is written for all images."]
        for list in Self.lists {
            common[list] = ["$ref": "#/$defs/images", "description": "The images, by name."]
        }
        var top = common
        top["extends"] = [
            "description": "Files that this one adds to, relative to it: what is written later counts.",
            "$ref": "#/$defs/list",
        ]
        top["profiles"] = [
            "description": "What a profile adds, by the name that `build` is given.", "type": "object",
            "additionalProperties": ["$ref": "#/$defs/profile"],
        ]
        top["lint"] = ["description": "The rules that images are held to.", "type": ["object", "null"]]
        return [
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "coracle.yaml",
            "description":
                "The container images of a project. `${NAME}` and `${NAME:-DEFAULT}` are variables of the environment.",
            "type": "object",
            "properties": .object(top),
            "additionalProperties": false,
            "not": ["required": ["images", "targets"]],
            "$defs": [
                "text": ["type": ["string", "number", "boolean"]],
                "list": [
                    "anyOf": [["$ref": "#/$defs/text"], ["type": "array", "items": ["$ref": "#/$defs/text"]]]
                ],
                "pairs": [
                    "anyOf": [
                        ["$ref": "#/$defs/list"],
                        ["type": "object", "additionalProperties": ["$ref": "#/$defs/text"]],
                    ]
                ],
                "number": ["anyOf": [["type": "integer"], ["type": "string", "pattern": "^-?[0-9]+$|\\$\\{"]]],
                "flag": ["anyOf": [["type": "boolean"], ["type": "string", "pattern": "^(true|false)$|\\$\\{"]]],
                "base": [
                    "anyOf": [
                        ["$ref": "#/$defs/text"],
                        [
                            "type": "object", "properties": ["image": ["$ref": "#/$defs/text"]], "required": ["image"],
                            "additionalProperties": false,
                        ],
                    ]
                ],
                "name": ["type": ["string", "number"], "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"],
                "image": ["type": ["object", "null"], "properties": .object(image), "additionalProperties": false],
                "named": [
                    "type": "object", "properties": .object(named), "required": ["name"], "additionalProperties": false,
                ],
                "images": [
                    "anyOf": [
                        [
                            "type": "object", "minProperties": 1, "propertyNames": ["$ref": "#/$defs/name"],
                            "additionalProperties": ["$ref": "#/$defs/image"],
                        ],
                        ["type": "array", "minItems": 1, "items": ["$ref": "#/$defs/named"]],
                    ]
                ],
                "profile": ["type": ["object", "null"], "properties": .object(common), "additionalProperties": false],
            ],
        ]
    }
}

extension ProjectKey {
    fileprivate var schema: JSON {
        let name =
            switch (kind, role) {
            case (_, .base): "base"
            case (.text, _): "text"
            case (.number, _): "number"
            case (.flag, _): "flag"
            case (.list, _): "list"
            case (.pairs, _): "pairs"
            }
        return ["description": .string(help), "$ref": .string("#/$defs/\(name)")]
    }
}
