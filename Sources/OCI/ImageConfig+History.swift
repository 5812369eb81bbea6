import Diagnostics

extension ImageConfig {
    /// How one layer came to be.
    ///
    /// image-spec, config.md § Properties, `history`.
    package struct History: Hashable, Sendable {
        /// RFC 3339, kept as text.
        package var created: String?
        /// The command or the tool.
        package var createdBy: String?
        /// Who made the layer.
        package var author: String?
        /// Anything.
        package var comment: String?
        /// Whether the step made no layer.
        package var isEmptyLayer: Bool
        /// Members that we do not model.
        private var others = JSONObject()

        /// Takes the values as they are.
        package init(
            created: String?,
            createdBy: String?,
            author: String? = nil,
            comment: String? = nil,
            isEmptyLayer: Bool = false
        ) {
            self.created = created
            self.createdBy = createdBy
            self.author = author
            self.comment = comment
            self.isEmptyLayer = isEmptyLayer
        }
    }
}

extension ImageConfig.History {
    private enum Key: String, CaseIterable {
        case created, author, comment
        case createdBy = "created_by"
        case emptyLayer = "empty_layer"
    }

    init(_ reader: JSONReader) throws(Diagnostic) {
        created = try reader.optional(Key.created)?.string()
        createdBy = try reader.optional(Key.createdBy)?.string()
        author = try reader.optional(Key.author)?.string()
        comment = try reader.optional(Key.comment)?.string()
        isEmptyLayer = try reader.optional(Key.emptyLayer)?.bool() ?? false
        others = try reader.others(than: Key.self)
    }

    var json: JSON {
        var object = JSONObject()
        object[Key.created] = created.map(JSON.string)
        object[Key.createdBy] = createdBy.map(JSON.string)
        object[Key.author] = author.map(JSON.string)
        object[Key.comment] = comment.map(JSON.string)
        object[Key.emptyLayer] = isEmptyLayer ? true : nil
        object.append(others)
        return .object(object)
    }
}
