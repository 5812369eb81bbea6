/// Removing names: by whiteouts, by opaque markers, and by entries that take their place.
///
/// image-spec, layer.md § Whiteouts.
extension RootFilesystem {
    mutating func delete(_ deleted: Whiteout.Deleted, in directory: Int32) {
        switch deleted {
        case .everything:
            // What this layer brings stays, before the marker and after it.
            guard nodes[directory].cleaned != currentLayer + 1 else { return }
            delete(presentChildren(of: directory), .ofLowerLayers)
            tidy(directory)
            nodes[directory].cleaned = currentLayer + 1
        case .name(let name):
            if let node = find(name, in: directory), node >= 0 { delete([node], .ofLowerLayers) }
        }
    }

    enum Removed { case ofLowerLayers, ofAllLayers }

    /// Removes `roots` and what is below them. A directory in which something of this layer stays, stays as implied.
    mutating func delete(_ roots: [Int32], _ removed: Removed) {
        lastDirectory = ([], Self.root)
        var pending = roots
        // Every directory before what is in it.
        var order = [Int32]()
        while let node = pending.popLast() {
            order.append(node)
            guard isDirectory(node), removed == .ofAllLayers || nodes[node].cleaned != currentLayer + 1 else {
                continue
            }
            pending += presentChildren(of: node)
        }
        for node in order.reversed() {
            if removed == .ofAllLayers || nodes[node].cleaned != currentLayer + 1 { tidy(node) }
            let goes = removed == .ofAllLayers || Int(nodes[node].layer) < layer
            if removed == .ofLowerLayers { nodes[node].cleaned = currentLayer + 1 }
            guard goes, nodes[node].state != .absent else { continue }
            let inode = nodes[node].inode
            nodes[node].inode = -1
            nodes[node].state = nodes[node].firstChild >= 0 ? .implied : .absent
            if inode >= 0 { release(inode, by: node, removed == .ofLowerLayers ? .deleted : .replaced) }
        }
    }

    /// Takes absent names off the list of `directory`.
    private mutating func tidy(_ directory: Int32) {
        var next = nodes[directory].firstChild
        var first: Int32 = -1
        while next >= 0 {
            let following = nodes[next].nextSibling
            if nodes[next].state == .absent {
                nodes[next].isListed = false
            } else {
                nodes[next].nextSibling = first
                first = next
            }
            next = following
        }
        nodes[directory].firstChild = first
    }
}
