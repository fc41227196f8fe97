import CWeightKernels

/// How far one worker has brought near what a later call will read. The workers but the caller's take turns, piece by piece.
struct UpcomingRead {
    /// So small that a call that comes meanwhile hardly waits.
    private static let pieceBytes = 512
    /// What a worker brings near at most stays well below a second-level cache.
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

    /// Asks for the next piece; false where all was asked for.
    mutating func continues() -> Bool {
        guard offset < bytes, offset < Self.mostBytes &* workers else { return false }
        let piece = UnsafeRawPointer(bitPattern: start &+ UInt(offset))
        headsteer_bring_near(piece, Swift.min(Self.pieceBytes, bytes &- offset))
        offset &+= workers &* Self.pieceBytes
        return true
    }
}
