import ByteIO
import Diagnostics
import Findings
import OCI
import Pods
import Request

extension BuildFacts {
    /// For a program.
    ///
    /// - Parameters:
    ///   - name: what the image is called among many; `nil` if it is the only one.
    ///   - files: the files of each layer of the build; `nil` to leave them out.
    func json(of name: String?, _ delivery: BuildDelivery, _ files: [[LayerFile]]?) -> JSONObject {
        var json = JSONObject()
        json["name"] = name.map { .string($0) }
        json["reference"] = .string(delivery.reference(to: top))
        json["digest"] = .string(top.digest.description)
        json["mediaType"] = .string(top.mediaType.rawValue)
        json["names"] = .array(delivery.names.map { .string($0.text) })
        json["output"] = delivery.output.map { .string($0.display) }
        json["pushed"] = delivery.isPushed ? true : nil
        json["created"] = ["time": .string(created.description), "from": .string(createdSource)]
        json["images"] = .array(images.map { .object($0.json(files)) })
        json["notes"] = .array(notes.map(\.json))
        json["findings"] = .array(findings.map(\.json))
        json["kubernetes"] = kubernetes(delivery).map { .string($0.joined(separator: "\n") + "\n") }
        json["pod"] = pod?.json(delivery.podImage(of: top))
        return json
    }
}
