/// The state of a C library's stream, at one address as long as it lives.
///
/// Such a state points back at itself: stored inline it would move with the struct that has it, and the library would
/// refuse it.
struct LibraryState<Stream>: ~Copyable {
    let pointer: UnsafeMutablePointer<Stream>
    private let end: (UnsafeMutablePointer<Stream>) -> Void

    /// `nil` if `begin` says that there is not enough memory. `end` frees what `begin` has allocated.
    init?(
        _ stream: Stream,
        begin: (UnsafeMutablePointer<Stream>) -> Bool,
        end: @escaping (UnsafeMutablePointer<Stream>) -> Void
    ) {
        let pointer = UnsafeMutablePointer<Stream>.allocate(capacity: 1)
        pointer.initialize(to: stream)
        guard begin(pointer) else {
            pointer.deallocate()
            return nil
        }
        self.pointer = pointer
        self.end = end
    }

    deinit {
        end(pointer)
        pointer.deallocate()
    }
}
