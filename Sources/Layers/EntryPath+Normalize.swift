extension EntryPath {
    /// The place that an absolute path means, whatever dots and slashes it has.
    package init(normalizing text: String) {
        var components = [Substring.UTF8View]()
        for component in text.utf8.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual("..".utf8) {
                _ = components.popLast()
            } else if !component.elementsEqual(".".utf8) {
                components.append(component)
            }
        }
        self.init(unchecked: Array(components.joined(separator: "/".utf8)))
    }
}
