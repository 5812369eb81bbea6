/// What is in an image layout, as a program that is not coracle found it.
package struct LayoutState: Equatable, Sendable {
    /// The `org.opencontainers.image.ref.name` of every entry of `index.json`, sorted; empty for an entry without one.
    package var tags: [String] = []

    /// The names of blobs that nothing leads to.
    package var unreferenced: [String] = []

    /// Files and directories that have no place in a layout.
    package var strays: [String] = []

    /// A layout with these tags and nothing that does not belong to them.
    package init(tags: [String]) {
        self.tags = tags
    }

    /// Checks the layout at `path`: everything that `index.json` leads to is there, with the right size and digest.
    ///
    /// - Throws: what does not fit.
    package init(of path: String) throws {
        let lines = try Command(Tool.python, ["\(FixtureProgram.sources)/check_layout.py", path]).output()
        for line in lines.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch fields[0] {
            case "tag": tags.append(fields[1])
            case "unreferenced": unreferenced.append(fields[1])
            default: strays.append(fields[1])
            }
        }
        tags.sort()
    }
}
