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
    static func values(_ run: GradientRun, _ prompt: [Int], _ sites: [Site]) throws -> [Matrix] {
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
    ///   - clean: their values on this prompt, [sites][T, heads · D].
    ///   - other: those on the other prompt.
    ///   - onPosition: called when all passes of a position are done.
    func effects(
        of sites: [Site], clean: [Matrix], other: [Matrix], onPosition: () -> Void
    ) throws -> [Matrix] {
        let size = run.model.configuration.headSize
        let before = try run.gradients(of: [text])[0].objective
        var effects = clean.map { Matrix(rows: $0.columns / size, columns: text.tokens.count) }
        var past: GradientPast?
        for position in text.tokens.indices {
            for (index, site) in sites.enumerated() {
                var patched: [(head: Int, text: GradientText)] = []
                // All heads' texts share it.
                let rest = rest(from: position, after: past, layer: site.layer ?? 0)
                for head in 0..<effects[index].rows {
                    let values = other[index].values(row: position, ofHead: head, size: size)
                    if values == clean[index].values(row: position, ofHead: head, size: size) { continue }
                    var text = rest
                    text.edits = [
                        Edit(site, head: head, positions: .range(from: position, to: position + 1), .replace(values))
                    ]
                    patched.append((head, text))
                }
                for (result, head) in zip(try run.gradients(of: patched.map(\.text)), patched.map(\.head)) {
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
