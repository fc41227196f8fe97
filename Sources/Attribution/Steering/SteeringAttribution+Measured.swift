import Gradients
import Tasks
import Transformer

extension SteeringAttribution {
    /// Measures what ``effects(of:at:steps:onProgress:)`` estimates: the effect of each edit by itself, largest first.
    ///
    /// For edits at the last position and next tokens, a sweep measures the same in less time. This is for whole answers
    /// and for other positions.
    ///
    /// - Parameters:
    ///   - edits: at most one edit of each head.
    ///   - positions: the positions of the edits; by default the last prompt token and all tokens of an answer.
    ///   - onProgress: called with the number of texts that are done, of ``measuredTextCount(of:)``.
    /// - Throws: what ``effects(of:at:steps:onProgress:)`` throws.
    /// - Complexity: a forward pass over all items for each edit, from the first edited block and position on, and one
    ///   pass forward and back.
    public func measuredEffects(
        of edits: [HeadEdit], at positions: PositionRule = .last, onProgress: (Int) -> Void = { _ in }
    ) throws -> [HeadEffect] {
        try run.model.check(edits: edits.map { $0.at(positions) })
        var changes = edits.map { _ in [Double]() }
        var done = 0
        try forEachGroup(at: positions, layers: edits.map(\.layer)) { group in
            let (before, moves) = try unedited(edits, group.texts)
            done += group.texts.count
            var starts: [GradientStart?] = group.texts.map { _ in nil }
            var layer = 0
            for edit in edits.indices.sorted(by: { (edits[$0].layer, $0) < (edits[$1].layer, $1) }) {
                if edits[edit].layer != layer {
                    layer = edits[edit].layer
                    starts = try run.starts(of: group.texts, before: layer)
                }
                let moved = group.texts.indices.map { index in
                    var text = group.texts[index]
                    text.edits = moves[edit][index].edits(times: 1)
                    text.reads = []
                    text.start = starts[index]
                    return text
                }
                let after = try run.gradients(of: moved, onProgress: { onProgress(done + $0) }).map(\.objective)
                changes[edit] += group.sums(zip(after, before).map { $0 - $1 })
                done += moved.count
            }
        }
        return [HeadEffect](edits.map(\.target), changes: changes, groups: items.map(\.group))
    }

    /// The number of texts that go through the model when effects are measured.
    public func measuredTextCount(of edits: [HeadEdit]) -> Int {
        items.reduce(0) { $0 + $1.parts.count } * (1 + edits.count)
    }

    /// The unedited objective of each text, and how far each edit moves its head there, [edits][texts].
    private func unedited(
        _ edits: [HeadEdit], _ texts: [GradientText]
    ) throws -> (objectives: [Double], moves: [[Move]]) {
        var objectives: [Double] = []
        var moves = edits.map { _ in [Move]() }
        try run.forEach(texts) { result in
            let text = texts[objectives.count]
            for (index, edit) in edits.enumerated() {
                moves[index].append(Move(edit, result, text, headSize: run.model.configuration.headSize))
            }
            objectives.append(result.objective)
        }
        return (objectives, moves)
    }
}
