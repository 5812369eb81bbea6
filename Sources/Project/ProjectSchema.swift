package import OCI

extension ProjectKeys {
    /// The JSON Schema of `coracle.yaml`, for editors.
    ///
    /// Scalars have any type: `8080` and `true` are text where text is expected, as they are for coracle.
    package var schema: JSON {
        var groups = JSONObject()
        let image = mapping.schema(addingTo: &groups)
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
        common["lint"] = ["description": "The rules that images are held to.", "type": ["object", "null"]]
        var top = common
        top["extends"] = [
            "description": "Files that this one adds to, relative to it: what is written later counts.",
            "$ref": "#/$defs/list",
        ]
        top["profiles"] = [
            "description": "What a profile adds, by the name that `build` is given.", "type": "object",
            "additionalProperties": ["$ref": "#/$defs/profile"],
        ]
        var definitions = definitions
        definitions["image"] = [
            "type": ["object", "null"], "properties": .object(image), "additionalProperties": false,
        ]
        definitions["named"] = [
            "type": "object", "properties": .object(named), "required": ["name"], "additionalProperties": false,
        ]
        definitions["profile"] = [
            "type": ["object", "null"], "properties": .object(common), "additionalProperties": false,
        ]
        definitions.append(groups)
        return [
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "coracle.yaml",
            "description":
                "The container images of a project. `${NAME}` and `${NAME:-DEFAULT}` are variables of the environment.",
            "type": "object",
            "properties": .object(top),
            "additionalProperties": false,
            "not": ["required": ["images", "targets"]],
            "$defs": .object(definitions),
        ]
    }

    /// What values look like.
    private var definitions: JSONObject {
        let definitions: JSON = [
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
            "imageAdditions": [
                "anyOf": [
                    ["$ref": "#/$defs/text"],
                    [
                        "type": "array",
                        "items": [
                            "anyOf": [
                                ["$ref": "#/$defs/text"],
                                [
                                    "type": "object",
                                    "properties": [
                                        "image": [
                                            "description":
                                                "A reference, a layout, an archive, a base of the catalogue, or {image: NAME}.",
                                            "anyOf": [
                                                ["$ref": "#/$defs/text"],
                                                [
                                                    "type": "object",
                                                    "properties": ["image": ["$ref": "#/$defs/text"]],
                                                    "required": ["image"], "additionalProperties": false,
                                                ],
                                            ],
                                        ],
                                        "path": [
                                            "$ref": "#/$defs/text",
                                            "description": "A file or directory in that image, or a pattern.",
                                        ],
                                        "to": [
                                            "$ref": "#/$defs/text",
                                            "description": "Its place in this image. Default: the same.",
                                        ],
                                        "mode": [
                                            "$ref": "#/$defs/text",
                                            "description": "Octal digits, such as \"0755\".",
                                        ],
                                        "owner": ["$ref": "#/$defs/text", "description": "UID[:GID]."],
                                    ],
                                    "required": ["image", "path"], "additionalProperties": false,
                                ],
                            ]
                        ],
                    ],
                ]
            ],
            "texts": [
                "anyOf": [
                    ["$ref": "#/$defs/text"],
                    [
                        "type": "array",
                        "items": [
                            "anyOf": [
                                ["$ref": "#/$defs/text"],
                                [
                                    "type": "object",
                                    "properties": [
                                        "to": ["$ref": "#/$defs/text", "description": "The file's path in the image."],
                                        "text": ["$ref": "#/$defs/text", "description": "What is in the file."],
                                        "mode": [
                                            "$ref": "#/$defs/text",
                                            "description": "Octal digits, such as \"0755\". Default: 0644.",
                                        ],
                                        "owner": ["$ref": "#/$defs/text", "description": "UID[:GID]."],
                                    ],
                                    "required": ["to", "text"], "additionalProperties": false,
                                ],
                            ]
                        ],
                    ],
                ]
            ],
            "name": ["type": ["string", "number"], "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"],
            "images": [
                "anyOf": [
                    [
                        "type": "object", "minProperties": 1, "propertyNames": ["$ref": "#/$defs/name"],
                        "additionalProperties": ["$ref": "#/$defs/image"],
                    ],
                    ["type": "array", "minItems": 1, "items": ["$ref": "#/$defs/named"]],
                ]
            ],
        ]
        return definitions.objectValue ?? JSONObject()
    }
}

extension ProjectMapping {
    /// What the names may have. Mappings in it are added to `groups`, by the keys of the options above them.
    fileprivate func schema(addingTo groups: inout JSONObject) -> JSONObject {
        var properties = JSONObject()
        for name in names {
            guard let meaning = meanings[name] else { continue }
            guard let inner = meaning.mapping else {
                properties[name] = meaning.key?.schema(isImage: meaning.isImage)
                continue
            }
            let definition = "below-\(name)"
            if groups[definition] == nil {
                groups[definition] = [
                    "type": "object", "properties": .object(inner.schema(addingTo: &groups)),
                    "additionalProperties": false,
                ]
            }
            let group: JSON = ["$ref": .string("#/$defs/\(definition)")]
            guard let key = meaning.key else {
                properties[name] = group
                continue
            }
            properties[name] = [
                "description": .string(key.help), "anyOf": [["$ref": .string(key.definition)], group],
            ]
        }
        return properties
    }
}

extension ProjectKey {
    fileprivate func schema(isImage: Bool) -> JSON {
        let help = isImage ? "Another image of the file, by its name." : help
        return ["description": .string(help), "$ref": .string(definition)]
    }

    fileprivate var definition: String {
        let name =
            switch (kind, role) {
            case (_, .imageAddition): "imageAdditions"
            case (_, .text): "texts"
            case (.text, _): "text"
            case (.number, _): "number"
            case (.flag, _): "flag"
            case (.list, _): "list"
            case (.pairs, _): "pairs"
            }
        return "#/$defs/\(name)"
    }
}
