import Diagnostics
import Findings
import Layers
import OCI

extension InventoryDraft {
    /// Reads each of `records` as JSON and shows it to `body`; what cannot be read is a remark.
    ///
    /// - Parameters:
    ///   - members: keys of the outermost object that are kept; `nil` for all.
    ///   - kind: what messages call a record, such as `a record of PHP packages`.
    /// - Throws: what keeps the image from being read.
    mutating func readJSON(
        _ records: [RootEntry],
        of root: some ImageRoot,
        upTo limit: Int64,
        keeping members: Set<String>? = nil,
        _ kind: String,
        _ body: (JSON, RootEntry, inout InventoryDraft) -> Void
    ) throws(Diagnostic) {
        for record in records {
            guard let bytes = try bytes(of: record, in: root, upTo: limit) else { continue }
            do throws(Diagnostic) {
                body(try JSON(parsing: bytes, named: record.path.description, keeping: members), record, &self)
            } catch {
                remark(
                    .inventoryRecordMalformed,
                    "\(kind) cannot be read",
                    record.path,
                    because: error.reason ?? error.summary
                )
            }
        }
    }
}
