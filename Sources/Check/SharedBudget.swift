package import Diagnostics
package import Layers
import Synchronization

/// A budget for the layers of one image, which are read side by side.
package final class SharedBudget: Sendable {
    private let budget: Mutex<TableBudget>

    package init(_ limits: TableLimits = TableLimits()) { budget = Mutex(TableBudget(limits)) }

    /// Takes room for so many entries and bytes.
    ///
    /// - Throws: `layer.too-many-entries`, `layer.too-much-metadata`.
    package func take(entries: Int, metadata: Int, of subject: Diagnostic.Subject?) throws(Diagnostic) {
        try budget.withLock { budget throws(Diagnostic) in
            try budget.take(entries: entries, metadata: metadata, of: subject)
        }
    }
}
