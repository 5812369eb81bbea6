import OCI
import Plan
import Store

extension BuildReport {
    /// What the debug twin is called, and how it is used, in lines; none without one.
    var twinSummary: [String] {
        guard let twin = images.set.companion, let name = twin.names.first else { return [] }
        let container = name.repositoryName.path.split(separator: "/").last.map(String.init) ?? "CONTAINER"
        return [
            "  debug twin \(name.text)@\(twin.top.digest): the same with a shell",
            "    kubectl debug -it POD --image=\(name.text) --target=\(container)",
        ]
    }

    var twinJSON: JSON? {
        guard let twin = images.set.companion else { return nil }
        return [
            "digest": .string(twin.top.digest.description),
            "names": .array(twin.names.map { .string($0.text) }),
        ]
    }
}
