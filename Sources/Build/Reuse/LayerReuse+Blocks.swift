import Diagnostics
package import Layers
package import OCI
package import Plan

extension LayerReuse {
    /// A layer that was kept by a build elsewhere.
    package struct Kept: Sendable {
        let layer: PreviousLayer
        let record: CacheRecord
    }

    /// The record, among those of builds elsewhere, of the layer that `planned` has most in common with; `nil` if none is
    /// worth fetching.
    package func kept(like planned: PlannedLayer) async -> Kept? {
        guard !planned.compression.codec.isIndexed else { return nil }
        var best: (record: CacheRecord, table: BlockTable, count: Int)?
        for (record, table) in await tables(like: planned) {
            // Skip blobs more than twice the layer's size: such a blob is another layer.
            let limit = LayerLayout(planned.blueprint).size.multipliedReportingOverflow(by: 2)
            guard !limit.overflow, table.layer.descriptor.size <= limit.partialValue else { continue }
            let nothing = PreviousLayer(table) { _, _ in [] }
            let count = LayerComparison(planned.blueprint, planned.compression, with: nothing).likeCount
            if count > best?.count ?? 0 { best = (record, table, count) }
        }
        guard let best else { return nil }
        do throws(Diagnostic) {
            return Kept(layer: try await best.record.layer(best.table, for: planned), record: best.record)
        } catch {
            note(best.record.refusal(error))
            return nil
        }
    }

    /// What is known elsewhere of the layer `digest`, which `planned` turned out to be.
    package func table(of digest: Digest, for planned: PlannedLayer) async -> BlockTable? {
        await tables(like: planned).first { $0.table.layer.descriptor.digest == digest }?.table
    }

    private func tables(like planned: PlannedLayer) async -> [(record: CacheRecord, table: BlockTable)] {
        let records = await earlier.builds.records.filter {
            $0.createdBy == planned.blueprint.createdBy && $0.compression == planned.compression.description
        }
        var tables: [(CacheRecord, BlockTable)] = []
        for record in records {
            do throws(Diagnostic) {
                tables.append((record, try await record.table(planned.compression.codec)))
            } catch {
                note(record.refusal(error))
            }
        }
        return tables
    }
}
