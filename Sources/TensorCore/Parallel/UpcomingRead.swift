import CWeightKernels

/// One worker's progress in prefetching what a later call will read; all workers but the caller take turns, piece by
/// piece.
struct UpcomingRead {
    /// Small enough that a call that comes in the meantime hardly waits.
    private static let pieceBytes = 512
    /// The most that a worker prefetches, well below the size of a second-level cache.
    private static let mostBytes = 512 << 10

    private let worker: Int
    private let workers: Int
    private var start: UInt = 0
    private var bytes = 0
    private var offset = 0

    init(worker: Int, of count: Int) {
        self.worker = worker - 1
        workers = count - 1
    }

    mutating func begin(_ address: UInt, bytes count: Int) {
        guard address != start || count != bytes else { return }
        start = address
        bytes = count
        offset = worker &* Self.pieceBytes
    }

    /// Prefetches the next piece; false if everything was prefetched already.
    mutating func continues() -> Bool {
        guard offset < bytes, offset < Self.mostBytes &* workers else { return false }
        let piece = UnsafeRawPointer(bitPattern: start &+ UInt(offset))
        headsteer_bring_near(piece, Swift.min(Self.pieceBytes, bytes &- offset))
        offset &+= workers &* Self.pieceBytes
        return true
    }
}
