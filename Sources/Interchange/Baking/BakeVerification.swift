import DataFiles
import TensorCore
import Transformer

/// The difference between a baked model and the live edits that were baked into it, at all positions of some prompts.
///
/// Both compute the same function in a different order. With ``Precision/exact``, logits differ by about 1e-5. With
/// ``Precision/fast``, the live edit acts before z is rounded to 8 bits and the baked one after, so the difference is
/// as large as the effect of that rounding on the model itself.
public struct BakeVerification: Sendable {
    /// The largest |baked − live| among all logits.
    public private(set) var maxLogitDifference = 0.0
    /// The prompt of the largest difference.
    public private(set) var prompt = 0
    /// The position in the prompt of the largest difference; see ``prompt``.
    public private(set) var position = 0
    /// The token whose logit has the largest difference; see ``prompt``.
    public private(set) var token = 0
    /// The number of positions that were compared.
    public private(set) var positions = 0
    /// The share of positions at which both have the same most likely token.
    public private(set) var topAgreement = 1.0

    /// Runs both models and compares their logits.
    ///
    /// - Parameters:
    ///   - edits: the edits that were baked; here they act at all positions.
    ///   - prompts: the prompts' tokens, at least one for each.
    ///   - isCancelled: called before each layer of a pass.
    /// - Throws: `InputError` if a token is not in the vocabulary or a logit is NaN or infinite; `CancellationError`.
    public init(
        baked: LanguageModel, original: LanguageModel, edits: [Edit], prompts: [[Int]], workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let everywhere = edits.map { edit in
            var edit = edit
            edit.positions = .all
            return edit
        }
        var agreeing = 0
        for (index, tokens) in prompts.enumerated() {
            let first = try Self.logits(baked, tokens, [], workers, isCancelled)
            let second = try Self.logits(original, tokens, everywhere, workers, isCancelled)
            for row in 0..<tokens.count {
                let (a, b) = (first.row(row), second.row(row))
                if Self.top(a) == Self.top(b) { agreeing += 1 }
                for (column, (x, y)) in zip(a, b).enumerated() {
                    let difference = abs(Double(x) - Double(y))
                    guard difference.isFinite else {
                        throw InputError(
                            .notFinite,
                            "NaN or infinite logits", in: baked.checkpoint.path,
                            remedy: "check the weights and the plan's strengths")
                    }
                    guard difference > maxLogitDifference else { continue }
                    (maxLogitDifference, prompt, position, token) = (difference, index, row, column)
                }
            }
            positions += tokens.count
        }
        if positions > 0 { topAgreement = Double(agreeing) / Double(positions) }
    }

    private static func logits(
        _ model: LanguageModel, _ tokens: [Int], _ edits: [Edit], _ workers: WorkerPool,
        _ isCancelled: @escaping () -> Bool
    ) throws -> Matrix {
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        run.sequences = [model.makeSequence(promptCount: tokens.count)]
        return try run.advance([Step(tokens: tokens, edits: edits, logits: .all)])[0].logits
    }

    private static func top(_ row: ArraySlice<Float>) -> Int? {
        row.indices.max { row[$0] < row[$1] }.map { $0 - row.startIndex }
    }
}
