import Diagnostics

extension ElfFile {
    /// The ranges of the file that are loaded when it runs, in bytes: sorted, without overlap. Debug information
    /// is not.
    package var loadedRanges: [Range<Int64>] {
        // The load map has checked that each ends in the file.
        let ranges = segments.filter { $0.kind == .load && $0.fileSize > 0 }.compactMap { segment -> Range<Int64>? in
            guard let start = Int64(exactly: segment.offset), let count = Int64(exactly: segment.fileSize) else {
                return nil
            }
            let (end, overflow) = start.addingReportingOverflow(count)
            return overflow ? nil : start..<end
        }
        var merged = [Range<Int64>]()
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// The range of the names that the file imports from its libraries or exports; `nil` for a static program.
    package func symbolNames(in source: borrowing some ElfSource & ~Copyable) -> Range<Int64>? {
        guard let segment = segments.first(where: { $0.kind == .dynamic }), dynamic != nil else { return nil }
        let reader = DynamicReader(name: name, format: header.format, loadMap: loadMap)
        guard let entries = try? reader.entries(segment, source) else { return nil }
        let address = entries.last { $0.tag == .stringTable }?.value
        guard let extent = address.flatMap({ loadMap.extent(from: $0) }) else { return nil }
        let count = min(extent.count, entries.last { $0.tag == .stringTableSize }?.value ?? extent.count)
        guard let start = Int64(exactly: extent.offset), let length = Int64(exactly: count) else { return nil }
        return start..<(start + length)
    }

    /// The section `name`, if there are section headers and it has at most `limit` bytes.
    package func section(
        named name: String,
        upTo limit: Int,
        in source: borrowing some ElfSource & ~Copyable
    ) -> [UInt8]? {
        guard
            let section = SectionTable(of: self, in: source)?.first(named: name),
            section.size > 0, section.size <= UInt64(limit),
            let bytes = try? source.window(at: section.offset, upTo: Int(section.size)),
            bytes.count == Int(section.size)
        else { return nil }
        return bytes
    }
}
