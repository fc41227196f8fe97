import Foundation

/// Positions that custom changes note as they are carried out.
final class NotedPositions: @unchecked Sendable {
    // Unchecked: the list is used under the lock alone.
    private let lock = NSLock()
    private var positions: [Int] = []

    func add(_ position: Int) { lock.withLock { positions.append(position) } }

    var all: [Int] { lock.withLock { positions } }
}
