import Synchronization

/// Memory that was given back, kept for whoever needs as much of it next.
///
/// The system clears memory before it provides it, page by page, which takes longer than most uses of a piece that is
/// needed only for a moment. Any thread may take and give.
package final class RecycledMemory: Sendable {
    private struct State {
        var pieces: [Int: [ZeroedMemory]] = [:]
        var bytes = 0
    }

    private let most: Int
    private let state = Mutex(State())

    /// - Parameter most: the most bytes that are kept; more goes back to the system.
    package init(most: Int) { self.most = most }

    /// A piece of this size, with what was last in it, or with zeros if it is new.
    package func take(bytes: Int) -> ZeroedMemory {
        state.withLock { state in
            let piece = state.pieces[bytes]?.popLast()
            if piece != nil { state.bytes -= bytes }
            return piece
        } ?? ZeroedMemory(bytes: bytes)
    }

    /// Keeps a piece if there is room; pieces of other sizes make room.
    package func give(_ memory: ZeroedMemory) {
        state.withLock { state in
            if state.bytes + memory.bytes > most {
                state.pieces = state.pieces.filter { $0.key == memory.bytes }
                state.bytes = (state.pieces[memory.bytes]?.count ?? 0) * memory.bytes
            }
            guard state.bytes + memory.bytes <= most else { return }
            state.pieces[memory.bytes, default: []].append(memory)
            state.bytes += memory.bytes
        }
    }
}
