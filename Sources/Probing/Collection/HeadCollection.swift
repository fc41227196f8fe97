import DataFiles
import LlamaRuntime
import TensorCore
import Tokenization

/// z of all heads on a set of texts, one row for each text: what directions are fitted from.
public struct HeadCollection: Sendable {
    /// z at the last position of each text, [texts, L, H, D].
    public let table: ActivationTable
    /// The mean norm of the residual stream before each layer at the last position, [L].
    public let residualNorms: [Double]

    /// Takes texts through the model and keeps z of all heads at each one's last token.
    ///
    /// Texts of like length go together. Time: a forward pass over all tokens; memory: 4 · L · H · D bytes for each text.
    ///
    /// - Parameters:
    ///   - tokens: each text's tokens, at least one.
    ///   - onProgress: called with the number of texts that are done.
    /// - Throws: `InputError` where a text is longer than the model's context or an activation is no finite number;
    ///   `CancellationError`.
    public init(
        _ tokens: [[Int]], model: LlamaModel, workers: WorkerPool, onProgress: (Int) -> Void = { _ in },
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let c = model.configuration
        let size = c.layers * c.heads * c.headSize
        var values = [Float](repeating: 0, count: tokens.count * size)
        var norms = [Double](repeating: 0, count: c.layers)
        let reads = (0..<c.layers).flatMap { [Read(.z($0)), Read(.residualPre($0))] }
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        var done = 0
        for batch in Self.batches(tokens.map(\.count)) {
            run.sequences = batch.map { model.makeSequence(promptCount: tokens[$0].count) }
            let steps = batch.enumerated().map { index, text in
                Step(sequence: index, tokens: tokens[text], reads: reads, logits: nil)
            }
            for (text, result) in zip(batch, try run.advance(steps)) {
                for read in result.reads {
                    guard let layer = read.read.site.layer else { continue }
                    let row = read.values.elements
                    if read.read.site.kind == .z {
                        let start = text * size + layer * c.heads * c.headSize
                        values.replaceSubrange(start..<(start + row.count), with: row)
                    } else {
                        norms[layer] += row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
                    }
                }
            }
            done += batch.count
            onProgress(done)
        }
        table = try ActivationTable(
            values: values, examples: tokens.count, layers: c.layers, heads: c.heads, headSize: c.headSize)
        residualNorms = norms.map { $0 / Double(max(tokens.count, 1)) }
    }

    /// The indices of the texts in batches of like length and at most ``Run/maximumRows`` tokens, shortest first.
    static func batches(_ lengths: [Int]) -> [[Int]] {
        var batches: [[Int]] = []
        var rows = 0
        for text in lengths.indices.sorted(by: { (lengths[$0], $0) < (lengths[$1], $1) }) {
            if batches.isEmpty || rows + lengths[text] > Run.maximumRows {
                batches.append([])
                rows = 0
            }
            batches[batches.count - 1].append(text)
            rows += lengths[text]
        }
        return batches
    }
}

extension LabelledExample {
    /// The tokens of the whole text, with the beginning-of-sequence token where the model asks for it.
    ///
    /// - Throws: `InputError` where the text is empty.
    public func tokens(_ tokenizer: Tokenizer) throws -> [Int] {
        let ids = try tokenizer.encode(text, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
        guard !ids.isEmpty else {
            throw InputError.badData("an empty text", in: "line \(line)", remedy: "give each row a text")
        }
        return ids
    }
}
