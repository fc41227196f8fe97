import Synchronization

/// The memory that texts share, and the texts that wait for it; it can be used from any thread.
///
/// Memory is given in the order of the requests, so that small texts can't overtake a large one for ever.
final class TextRoom: Sendable {
    private let limits: GenerationLimits
    private let state = Mutex(State())

    private struct State {
        /// The texts that wait for memory.
        var waiting: [ServedText] = []
        /// The texts that have got their memory but haven't joined the run yet.
        var granted: [ServedText] = []
        var texts = 0
        var bytes = 0
        var isTurnQueued = false

        mutating func grant(_ limit: Int) {
            while let next = waiting.first, next.bytes <= limit - bytes {
                granted.append(waiting.removeFirst())
                texts += 1
                bytes += next.bytes
            }
        }
    }

    init(_ limits: GenerationLimits) { self.limits = limits }

    var load: GenerationLoad {
        state.withLock { GenerationLoad(texts: $0.texts, waiting: $0.waiting.count, cacheBytes: $0.bytes) }
    }

    /// The deadlines of the texts that wait.
    var deadlines: [ContinuousClock.Instant] { state.withLock { $0.waiting.compactMap(\.deadline) } }

    /// Gives a text its memory, or a place among the texts that wait for it.
    ///
    /// - Throws: ``ServiceBusyError`` if too many texts wait.
    func add(_ text: ServedText) throws {
        try state.withLock { state in
            state.waiting.removeAll(where: \.isOver)
            let mustWait = !state.waiting.isEmpty || text.bytes > limits.cacheBytes - state.bytes
            if mustWait, state.waiting.count >= limits.waiting { throw ServiceBusyError(waiting: state.waiting.count) }
            state.waiting.append(text)
            state.grant(limits.cacheBytes)
        }
    }

    /// Takes back the memory of texts that have ended.
    func leave(_ texts: [ServedText]) {
        state.withLock { state in
            state.texts -= texts.count
            state.bytes -= texts.reduce(0) { $0 + $1.bytes }
            state.grant(limits.cacheBytes)
        }
    }

    /// Whether a turn has to be queued; after that the answer is no until the turn begins.
    func needsTurn() -> Bool {
        state.withLock { state in
            defer { state.isTurnQueued = true }
            return !state.isTurnQueued
        }
    }

    /// Begins a turn, and ends the texts that have waited too long.
    ///
    /// - Returns: the texts that have got their memory.
    func beginTurn(now: ContinuousClock.Instant) -> [ServedText] {
        state.withLock { state in
            state.isTurnQueued = false
            for text in state.waiting where text.isLate(now) { text.finish(text: "", reason: .timeLimit) }
            state.waiting.removeAll(where: \.isOver)
            state.grant(limits.cacheBytes)
            defer { state.granted = [] }
            return state.granted
        }
    }
}
