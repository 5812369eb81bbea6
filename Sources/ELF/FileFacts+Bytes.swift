// What a cache keeps of facts. Numbers are little-endian; texts and lists have their count before them.
extension FileFacts {
    /// The facts in a form that `init(bytes:)` reads.
    package var bytes: [UInt8] {
        var writer = FactsWriter()
        switch self {
        case .elf(let elf):
            writer.put(UInt8(0))
            writer.put(elf)
        case .damaged(let reason):
            writer.put(UInt8(1))
            writer.put(reason)
        case .script(let shebang):
            writer.put(UInt8(2))
            writer.put(shebang.interpreter)
            writer.put(shebang.argument)
            writer.put(shebang.endsInCarriageReturn)
            writer.put(shebang.isTooLong)
        }
        return writer.bytes
    }

    /// `nil` if the bytes were not made by `bytes`.
    package init?(bytes: [UInt8]) {
        var reader = FactsReader(bytes)
        switch reader.uint8() {
        case 0:
            guard let elf = reader.elf() else { return nil }
            self = .elf(elf)
        case 1:
            guard let reason = reader.text() else { return nil }
            self = .damaged(reason: reason)
        case 2:
            guard
                let interpreter = reader.text(), let argument = reader.optionalText(),
                let endsInCarriageReturn = reader.flag(), let isTooLong = reader.flag()
            else { return nil }
            self = .script(
                Shebang(
                    interpreter: interpreter,
                    argument: argument,
                    endsInCarriageReturn: endsInCarriageReturn,
                    isTooLong: isTooLong
                )
            )
        default: return nil
        }
        guard reader.isAtEnd else { return nil }
    }
}

private struct FactsWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func put(_ text: String) {
        put(UInt32(truncatingIfNeeded: text.utf8.count))
        bytes += text.utf8
    }

    mutating func put(_ text: String?) {
        put(text != nil)
        if let text { put(text) }
    }

    mutating func put(_ texts: [String]) {
        put(UInt32(truncatingIfNeeded: texts.count))
        for text in texts { put(text) }
    }

    mutating func put(_ elf: ElfFacts) {
        put(elf.format.elfClass.rawValue)
        put(elf.format.byteOrder.rawValue)
        put(elf.machine.rawValue)
        put(elf.architecture)
        put(elf.linkage)
        put(elf.otherSystem)
        put(elf.soname)
        put(elf.needed)
        put(elf.filters)
        put(elf.rpath)
        put(elf.runpath)
        put(elf.avoidsUsualDirectories)
        put(elf.isLoadable)
        put(UInt32(truncatingIfNeeded: elf.versionNeeds.count))
        for need in elf.versionNeeds {
            put(need.library)
            put(UInt32(truncatingIfNeeded: need.versions.count))
            for version in need.versions {
                put(version.name)
                put(version.isWeak)
            }
        }
        put(elf.versionDefinitions)
        put(elf.weaknesses.rawValue)
    }

    private mutating func put(_ linkage: Linkage) {
        switch linkage {
        case .staticExecutable: put(UInt8(0))
        case .staticPIE: put(UInt8(1))
        case .dynamic(let loader, let needed):
            put(UInt8(2))
            put(loader)
            put(needed)
        case .sharedLibrary(let soname):
            put(UInt8(3))
            put(soname)
        case .relocatable: put(UInt8(4))
        case .core: put(UInt8(5))
        case .packed(let packer):
            put(UInt8(6))
            put(packer.rawValue)
        case .debugInformation: put(UInt8(7))
        case .other(let type):
            put(UInt8(8))
            put(type)
        }
    }
}

/// A read returns `nil` at the end of the bytes, and for a value that was not written by the writer.
private struct FactsReader {
    private var cursor: ElfCursor

    init(_ bytes: [UInt8]) { cursor = ElfCursor(bytes, ElfFormat(.bits64, .little)) }

    var isAtEnd: Bool { cursor.isAtEnd }

    mutating func uint8() -> UInt8? { cursor.uint8() }

    mutating func flag() -> Bool? {
        guard let byte = cursor.uint8(), byte <= 1 else { return nil }
        return byte == 1
    }

    mutating func text() -> String? {
        guard let count = cursor.uint32(), let bytes = cursor.take(Int(count)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The outer optional is `nil` if the value cannot be read.
    mutating func optionalText() -> String?? {
        guard let isThere = flag() else { return nil }
        guard isThere else { return .some(nil) }
        guard let text = text() else { return nil }
        return .some(text)
    }

    private mutating func list<Element>(_ element: (inout FactsReader) -> Element?) -> [Element]? {
        guard let count = cursor.uint32() else { return nil }
        var list: [Element] = []
        for _ in 0..<count {
            guard let next = element(&self) else { return nil }
            list.append(next)
        }
        return list
    }

    mutating func elf() -> ElfFacts? {
        guard
            let elfClass = cursor.uint8().flatMap(ElfFormat.Class.init),
            let byteOrder = cursor.uint8().flatMap(ElfFormat.ByteOrder.init),
            let machine = cursor.uint16(), let architecture = optionalText(), let linkage = linkage(),
            let otherSystem = optionalText(), let soname = optionalText(), let needed = list({ $0.text() }),
            let filters = list({ $0.text() }),
            let rpath = optionalText(), let runpath = optionalText(), let avoidsUsualDirectories = flag(),
            let isLoadable = flag(),
            let versionNeeds = list({ $0.versionNeed() }), let versionDefinitions = list({ $0.text() }),
            let weaknesses = uint8()
        else { return nil }
        return ElfFacts(
            format: ElfFormat(elfClass, byteOrder),
            machine: Machine(machine),
            architecture: architecture,
            linkage: linkage,
            otherSystem: otherSystem,
            soname: soname,
            needed: needed,
            filters: filters,
            rpath: rpath,
            runpath: runpath,
            avoidsUsualDirectories: avoidsUsualDirectories,
            isLoadable: isLoadable,
            versionNeeds: versionNeeds,
            versionDefinitions: versionDefinitions,
            weaknesses: Weaknesses(rawValue: weaknesses)
        )
    }

    private mutating func versionNeed() -> VersionNeed? {
        guard
            let library = text(),
            let versions = list({ reader -> VersionNeed.Version? in
                guard let name = reader.text(), let isWeak = reader.flag() else { return nil }
                return VersionNeed.Version(name: name, isWeak: isWeak)
            })
        else { return nil }
        return VersionNeed(library: library, versions: versions)
    }

    private mutating func linkage() -> Linkage? {
        switch cursor.uint8() {
        case 0: return .staticExecutable
        case 1: return .staticPIE
        case 2:
            guard let loader = optionalText(), let needed = list({ $0.text() }) else { return nil }
            return .dynamic(loader: loader, needed: needed)
        case 3: return optionalText().map { .sharedLibrary(soname: $0) }
        case 4: return .relocatable
        case 5: return .core
        case 6: return text().flatMap(Packer.init(rawValue:)).map { .packed($0) }
        case 7: return .debugInformation
        case 8: return cursor.uint16().map { .other($0) }
        default: return nil
        }
    }
}
