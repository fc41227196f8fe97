import Gradients
import Tasks
import TensorCore
import Transformer

/// Passes over one prompt in which one head's values at one position are those of another prompt.
struct PatchedPasses {
    private let run: GradientRun
    private let text: GradientText
    /// The residual stream before each block, [layers][T, M].
    private let residual: [Matrix]

    /// Takes the prompt through the model once.
    init(_ run: GradientRun, _ item: ContrastItem) throws {
        self.run = run
        text = AttributedItem(item).parts[0].text(reads: [])
        residual = try Self.values(run, item.prompt, (0..<run.model.configuration.layers).map { .residualPre($0) })
    }

    /// Some sites of a prompt, [sites][T, size of the site].
    private static func values(_ run: GradientRun, _ prompt: [Int], _ sites: [Site]) throws -> [Matrix] {
        let forward = Run(run.model, workers: run.workers)
        forward.isCancelled = run.isCancelled
        forward.sequences = [run.model.makeSequence(promptCount: prompt.count)]
        let step = Step(tokens: prompt, reads: sites.map { Read($0, at: .all) }, logits: nil)
        return try forward.advance([step])[0].reads.map(\.values)
    }

    /// The change of the logit difference by head and position, [sites][heads, T].
    ///
    /// Where both prompts have the same values it is 0, without a pass.
    ///
    /// - Parameters:
    ///   - sites: sites of blocks that have heads.
    ///   - corrupted: the other prompt, with the same number of tokens.
    ///   - onPosition: called when all passes of a position are done.
    func effects(
        of sites: [Site], corrupted: [Int], onPosition: () -> Void
    ) throws -> [Matrix] {
        let size = run.model.configuration.headSize
        let clean = try Self.values(run, text.tokens, sites)
        let other = try Self.values(run, corrupted, sites)
        let before = try run.gradients(of: [text])[0].objective
        var effects = clean.map { Matrix(rows: $0.columns / size, columns: text.tokens.count) }
        var past: GradientPast?
        for position in text.tokens.indices {
            for (index, site) in sites.enumerated() {
                func values(_ matrix: Matrix, _ head: Int) -> [Float] {
                    matrix.values(row: position, ofHead: head, size: size)
                }
                let heads = (0..<effects[index].rows).filter { values(other[index], $0) != values(clean[index], $0) }
                if heads.isEmpty { continue }
                let rest = rest(from: position, after: past, layer: site.layer ?? 0)
                let texts = heads.map { head in
                    var text = rest
                    text.edits = [
                        Edit(
                            site, head: head, positions: .range(from: position, to: position + 1),
                            .replace(values(other[index], head)))
                    ]
                    return text
                }
                for (result, head) in zip(try run.gradients(of: texts), heads) {
                    effects[index][head, position] = Float(result.objective - before)
                }
            }
            onPosition()
            guard position + 1 < text.tokens.count else { break }
            past = try run.past(
                of: Array(text.tokens[...position]), promptCount: text.promptCount, after: past)
        }
        return effects
    }

    /// The rows of several matrices of the same columns, one matrix after the other.
    static func joined(_ parts: ArraySlice<Matrix>) -> Matrix {
        Matrix(
            rows: parts.reduce(0) { $0 + $1.rows }, columns: parts.first?.columns ?? 0,
            elements: parts.flatMap(\.elements))
    }

    /// The prompt from a position on, as a pass that begins before a block.
    private func rest(from position: Int, after past: GradientPast?, layer: Int) -> GradientText {
        var text = text
        let values = residual[layer]
        text.tokens.removeFirst(position)
        text.past = past
        text.start = GradientStart(
            layer: layer,
            residual: Matrix(
                rows: text.tokens.count, columns: values.columns,
                elements: Array(values.elements.dropFirst(position * values.columns))))
        return text
    }
}
