import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI
@testable import Plan
@testable import SourceTree
import Request
import TestSupport

/// The smallest static program: an ELF header and one segment.
func staticProgram(_ machine: Machine = .amd64) -> [UInt8] {
    var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8)
    func put<Number: FixedWidthInteger>(_ numbers: Number...) {
        for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
    }
    put(UInt16(2), machine.rawValue)
    put(UInt32(1))
    put(UInt64(0x10078), 64, 0)
    put(UInt32(0))
    put(UInt16(64), 56, 1, 64, 0, 0)
    put(UInt32(1), 5)
    put(UInt64(0), 0x10000, 0x10000, 128, 128, 0x1000)
    put(UInt64(0))
    return bytes
}

enum Machine: UInt16 {
    case amd64 = 62
    case arm64 = 183
    case riscv64 = 243
}

/// A walk, and what was wrong.
func walk(
    _ root: String,
    to destination: String = "/app",
    _ configure: (inout DirectoryWalk.Options) -> Void = { _ in }
) throws -> (walk: DirectoryWalk, problems: [Diagnostic]) {
    var options = DirectoryWalk.Options()
    configure(&options)
    var problems = Problems()
    let walk = DirectoryWalk(FilePath(root), to: try EntryPath(absolute: destination), options, &problems)
    do throws(DiagnosticList) {
        try problems.check()
        return (walk, [])
    } catch {
        return (walk, error.items)
    }
}

/// What a plan's problems are, by code; none if there is a plan.
func planProblems(_ request: BuildRequest) -> [Diagnostic] {
    do throws(DiagnosticList) {
        _ = try Planner.plan(request)
        return []
    } catch {
        return error.items
    }
}

func codes(_ problems: [Diagnostic]) -> [String] { problems.map(\.code.rawValue) }

/// A request without the runtime layer, which takes time and is tested elsewhere.
func request(_ paths: String...) -> BuildRequest { request(for: paths) }

/// The same, changed by `configure`.
func request(_ paths: String..., configure: (inout BuildRequest) throws -> Void) rethrows -> BuildRequest {
    var request = request(for: paths)
    try configure(&request)
    return request
}

private func request(for paths: [String]) -> BuildRequest {
    var request = BuildRequest(paths: paths.map { FilePath($0) })
    request.runtime = nil
    return request
}

extension LayerEntry {
    /// As one line: kind, mode, owner, place and target.
    var line: String {
        let kind =
            switch content {
            case .directory: "dir"
            case .bytes, .file: "file"
            case .symlink(let target): "symlink(\(String(printing: target)))"
            case .hardlink(let target): "hardlink(\(target))"
            }
        return "\(kind) \(String(mode, radix: 8)) \(uid):\(gid) @\(modified) \(path)"
    }
}
