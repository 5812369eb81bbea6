/// libFuzzer's entry: whatever the bytes are, the reader answers or refuses. A trap is a crash.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    ElfProbe.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
