import Glibc

/// Runs `body` with no more rights over files than any user has; of this thread only, so that other tests go on.
package func withoutRootsRights<Result>(_ body: () throws -> Result) throws -> Result {
    guard geteuid() == 0 else { return try body() }
    // The C library's header for it is not part of the Glibc module.
    typealias Call = @convention(c) (uid_t) -> Int32
    guard let symbol = dlsym(nil, "setfsuid") else { throw SupportError("the C library has no setfsuid") }
    let setfsuid = unsafeBitCast(symbol, to: Call.self)
    _ = setfsuid(65534)
    defer { _ = setfsuid(0) }
    return try body()
}
