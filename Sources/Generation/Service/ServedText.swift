import DataFiles
import Synchronization
import Transformer

/// The state that is shared by a text's reader and the thread that computes the text.
final class ServedText: Sendable {
    let request: GenerationRequest
    /// The size of the keys and values of all positions that may go through the model.
    let bytes: Int
    let deadline: ContinuousClock.Instant?
    private let readAhead: Int
    private let state = Mutex(State())

    private typealias Reader = CheckedContinuation<GenerationEvent?, Never>

    private struct State {
        /// The events that were generated but not read yet.
        var unread: [GenerationEvent] = []
        /// The reader that waits for the next event.
        var reader: Reader?
        /// Whether no event comes after the unread ones.
        var isOver = false
        /// New edits, for the next token whose computation begins.
        var edits: [Edit]?
        /// The number of tokens whose computation has begun.
        var begun = 0
    }

    init(_ request: GenerationRequest, bytes: Int, readAhead: Int, deadline: ContinuousClock.Instant?) {
        self.request = request
        self.bytes = bytes
        self.readAhead = readAhead
        self.deadline = deadline
    }

    // MARK: - The reader's side

    /// Takes the next event, or waits for it.
    ///
    /// - Parameter onRoom: called afterwards, when there may be room for another token.
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

    /// Ends the text as cancelled, and drops what was generated but not read.
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
    /// - Returns: the index of the first token that is generated under these edits.
    func setEdits(_ edits: [Edit]) -> Int {
        state.withLock { state in
            state.edits = edits
            return state.begun
        }
    }

    // MARK: - The computing side

    /// Whether there is nothing more to compute.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Whether the text has run out of time.
    func isLate(_ now: ContinuousClock.Instant) -> Bool { deadline.map { $0 <= now } ?? false }

    /// Whether there is room for another token.
    var wantsToken: Bool {
        state.withLock { !$0.isOver && $0.unread.count < readAhead + ($0.reader == nil ? 0 : 1) }
    }

    /// Records that the computation of the next token begins.
    ///
    /// - Returns: the new edits for this token; nil if they haven't changed since the last one.
    func begin() -> [Edit]? {
        state.withLock { state in
            state.begun += 1
            defer { state.edits = nil }
            return state.edits
        }
    }

    /// Passes a token to the reader.
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

    /// Passes the end to the reader.
    func finish(text: String, reason: StopReason) {
        let end = GenerationEvent.finished(text: text, reason: reason)
        let reader = state.withLock { state -> Reader? in
            guard !state.isOver else { return nil }
            state.unread.append(end)
            return Self.close(&state)
        }
        reader?.resume(returning: end)
    }

    /// Records that nothing comes after the unread events; a waiting reader gets the last of them.
    private static func close(_ state: inout State) -> Reader? {
        state.isOver = true
        guard let reader = state.reader else { return nil }
        state.reader = nil
        state.unread = []
        return reader
    }
}
