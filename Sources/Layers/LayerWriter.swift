package import ByteIO
package import Diagnostics

/// Writes layers: blocks of the tar are rendered and compressed side by side, hashed and written in order.
package struct LayerWriter: Sendable {
    /// A layer, and what it takes to write it again.
    package struct Result: Sendable {
        package let table: BlockTable
        /// How many of its blocks are the previous layer's.
        package let reusedCount: Int
    }

    /// How writing a layer ended.
    package enum Outcome: Sendable {
        case written(Result)
        /// The wanted number of bytes was reached before the layer's end.
        case stopped
        /// The previous layer is not what its table says: what was written is of no use.
        case corruptPrevious
    }

    /// How many blocks are in flight at most, which bounds the memory. It decides no byte of the output.
    let width: Int

    /// - Parameter cores: how many blocks to work on at a time.
    package init(cores: Int) {
        // More than there are cores, so that every core has work while finished blocks are hashed.
        width = max(1, min(cores, 32)) * 2 + 2
    }

    /// Writes a layer, reading every input byte once.
    ///
    /// - Throws: `layer.file-changed` if a file no longer is what it was when it was planned with.
    /// image-spec, layer.md § Creating.
    package func write<Sink: ByteSink & ~Copyable>(
        _ blueprint: LayerBlueprint,
        _ compression: LayerCompression,
        to sink: inout Sink
    ) async throws(Diagnostic) -> Result {
        guard case .written(let result) = try await write(LayerComparison(blueprint, compression), to: &sink) else {
            preconditionFailure("a layer without a previous one was not written to its end")
        }
        return result
    }
}
