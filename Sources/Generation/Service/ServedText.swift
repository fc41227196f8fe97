import DataFiles
import Synchronization
import Transformer

/// What a text's reader and the thread that computes it share.
final class ServedText: Sendable {
    let request: GenerationRequest
    /// The most positions that go through the model, and the bytes of their keys and values.
    let positions: Int
    let bytes: Int
    let deadline: ContinuousClock.Instant?
    private let readAhead: Int
    private let state = Mutex(State())

    private typealias Reader = CheckedContinuation<GenerationEvent?, Never>

    private struct State {
        /// What was generated and not read.
        var unread: [GenerationEvent] = []
        /// Who waits for the next event.
        var reader: Reader?
        /// Whether no event comes after the unread ones.
        var isOver = false
        /// Edits for the next token that is begun.
        var edits: [Edit]?
        /// How many tokens' computation has begun.
        var begun = 0
    }

    init(
        _ request: GenerationRequest, positions: Int, bytes: Int, readAhead: Int, deadline: ContinuousClock.Instant?
    ) {
        self.request = request
        self.positions = positions
        self.bytes = bytes
        self.readAhead = readAhead
        self.deadline = deadline
    }

    // MARK: - The reader's side

    /// Takes the next event, or waits for it.
    ///
    /// - Parameter onRoom: called where there is room for another token.
    func next(onRoom: () -> Void) async -> GenerationEvent? {
        await withCheckedContinuation { (reader: Reader) in
            let (isReady, event) = state.withLock { state -> (Bool, GenerationEvent?) in
                if !state.unread.isEmpty { return (true, state.unread.removeFirst()) }
                if state.isOver { return (true, nil) }
                precondition(state.reader == nil, "A stream can be read by one task at a time.")
                state.reader = reader
                return (false, nil)
            }
            if isReady { reader.resume(returning: event) }
            onRoom()
        }
    }

    /// Ends the text as cancelled: what was generated and not read is dropped.
    func cancel() {
        let reader = state.withLock { state -> Reader? in
            guard !state.isOver else { return nil }
            state.unread = [.finished(text: "", reason: .cancelled)]
            return Self.close(&state)
        }
        reader?.resume(returning: .finished(text: "", reason: .cancelled))
    }

    /// Changes the edits.
    ///
    /// - Returns: the index of the first token that is generated under them.
    func setEdits(_ edits: [Edit]) -> Int {
        state.withLock { state in
            state.edits = edits
            return state.begun
        }
    }

    // MARK: - The computing side

    /// Whether nothing more is to be computed.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Whether the text's time is over.
    func isLate(_ now: ContinuousClock.Instant) -> Bool { deadline.map { $0 <= now } ?? false }

    /// Whether there is room for another token.
    var wantsToken: Bool {
        state.withLock { !$0.isOver && $0.unread.count < readAhead + ($0.reader == nil ? 0 : 1) }
    }

    /// Notes that the computation of the next token begins.
    ///
    /// - Returns: the edits that it is to be computed under; nil for those of the last one.
    func begin() -> [Edit]? {
        state.withLock { state in
            state.begun += 1
            defer { state.edits = nil }
            return state.edits
        }
    }

    /// Hands on a token.
    func send(_ token: GenerationEvent) {
        let reader = state.withLock { state -> Reader? in
            guard !state.isOver else { return nil }
            guard let reader = state.reader else {
                state.unread.append(token)
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.resume(returning: token)
    }

    /// Hands on the end.
    func finish(text: String, reason: StopReason) {
        let end = GenerationEvent.finished(text: text, reason: reason)
        let reader = state.withLock { state -> Reader? in
            guard !state.isOver else { return nil }
            state.unread.append(end)
            return Self.close(&state)
        }
        reader?.resume(returning: end)
    }

    /// Notes that nothing comes after the unread events. A reader that waits gets the last one.
    private static func close(_ state: inout State) -> Reader? {
        state.isOver = true
        guard let reader = state.reader else { return nil }
        state.reader = nil
        state.unread = []
        return reader
    }
}
