import DataFiles
import TensorCore
import Transformer

/// Takes texts through a model, teacher-forced, and hands on what is read.
///
/// It goes batch by batch, with long texts in pieces, so that memory doesn't grow with the number of texts or their
/// length.
struct TextReading {
    let model: LanguageModel
    let workers: WorkerPool
    /// What is read in all blocks, or after them.
    var reads: [Read]
    var edits: [Edit] = []
    /// The positions whose logits are computed.
    var logits: PositionRule?
    /// The most rows that go through the model together.
    var rows = Run.maximumRows
    var isCancelled: () -> Bool = { Task.isCancelled }

    /// A piece of a text.
    struct Piece {
        /// The text's number.
        let text: Int
        let result: StepResult
        /// Whether this is the text's last piece.
        let isLast: Bool
    }

    init(_ model: LanguageModel, workers: WorkerPool, reads: [Read]) {
        self.model = model
        self.workers = workers
        self.reads = reads
    }

    /// Calls `body` for the pieces of every text, those of one text in order; texts of similar length go together,
    /// shortest first.
    ///
    /// - Throws: `InputError` if a text is longer than the model's context; what `body` throws; `CancellationError`.
    /// - Complexity: a forward pass over all tokens.
    func forEach(_ texts: [WatchedText], onProgress: (Int) throws -> Void = { _ in }, _ body: (Piece) throws -> Void)
        throws
    {
        for text in texts { try model.check(tokens: text.tokens) }
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        var done = 0
        for batch in batches(texts.map(\.tokens.count)) {
            run.sequences = batch.map { model.makeSequence(promptCount: texts[$0].promptCount) }
            var start = 0
            while true {
                let open = batch.indices.filter { texts[batch[$0]].tokens.count > start }
                if open.isEmpty { break }
                let steps = open.map { index in
                    Step(
                        sequence: index, tokens: Array(texts[batch[index]].tokens.dropFirst(start).prefix(rows)),
                        edits: edits, reads: reads, logits: logits)
                }
                for (index, result) in zip(open, try run.advance(steps)) {
                    let text = batch[index]
                    try body(Piece(text: text, result: result, isLast: texts[text].tokens.count <= start + rows))
                }
                start += rows
            }
            done += batch.count
            try onProgress(done)
        }
    }

    /// Texts of at most ``rows`` tokens together; a longer one goes alone.
    private func batches(_ lengths: [Int]) -> [[Int]] {
        var batches: [[Int]] = []
        var taken = 0
        for text in lengths.indices.sorted(by: { (lengths[$0], $0) < (lengths[$1], $1) }) {
            if batches.isEmpty || taken + lengths[text] > rows {
                batches.append([])
                taken = 0
            }
            batches[batches.count - 1].append(text)
            taken += lengths[text]
        }
        return batches
    }
}
