import Glibc

/// What libFuzzer calls with each input (`Fuzz/run`). `CORACLE_PROBE` names the probe that is fed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    chosen.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

private let chosen: Probe = {
    let name = getenv("CORACLE_PROBE").map { String(cString: $0) } ?? ""
    guard let probe = Probe.all.first(where: { $0.name == name }) else {
        fatalError("CORACLE_PROBE has to be one of: \(Probe.all.map(\.name).joined(separator: " "))")
    }
    return probe
}()
