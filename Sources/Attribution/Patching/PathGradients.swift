import Gradients
import Transformer

/// The path of a text, and how far each head's z is moved.
struct PathMoves {
    let moves: [Move]
    /// The edits at a point of the path, 0 ... 1.
    let edits: (Float) -> [Edit]
}

/// Gradients at the unedited model, or at points of a path from it.
struct PathGradients {
    let run: GradientRun
    let texts: [GradientText]

    /// The number of passes over all texts that some steps need.
    static func passes(steps: Int) -> Int { steps == 1 ? 1 : steps + 1 }

    /// Computes the gradients.
    ///
    /// - Parameters:
    ///   - onProgress: called with the number of texts that are done.
    ///   - moves: called with each text's index and the unedited model's result.
    /// - Returns: the moves of each text, and the result of each text at each point.
    func gradients(
        steps: Int, onProgress: (Int) -> Void,
        moves: (_ text: Int, GradientResult) -> PathMoves
    ) throws -> (moves: [[Move]], gradients: [[GradientResult]]) {
        let unedited = try run.gradients(of: texts, onProgress: onProgress)
        let moves = unedited.enumerated().map { moves($0, $1) }
        guard steps > 1 else { return (moves.map(\.moves), [unedited]) }
        let gradients = try (0..<steps).map { step in
            let edited = zip(texts, moves).map { text, moves in
                var text = text
                text.edits = moves.edits((Float(step) + 0.5) / Float(steps))
                return text
            }
            return try run.gradients(of: edited) { onProgress((step + 1) * texts.count + $0) }
        }
        return (moves.map(\.moves), gradients)
    }
}
