import DataFiles
import Transformer

/// A plan's edits by layer, after checking that weights can hold them.
struct BakeableEdits {
    /// The changes of one layer's output projection.
    struct Layer {
        /// Changes of z in order, with the range of values that each affects.
        var before: [(change: AffineChange, range: Range<Int>)] = []
        /// Changes of the attention's output, in order.
        var after: [AffineChange] = []
    }

    private(set) var layers: [Int: Layer] = [:]

    /// - Parameters:
    ///   - everywhere: whether edits of other positions are treated as edits of all positions.
    ///   - place: the plan's path, for error messages.
    /// - Throws: `InputError` that names the edit that weights can't hold.
    init(_ edits: [Edit], configuration: ModelConfiguration, everywhere: Bool, place: String) throws {
        for (index, edit) in edits.enumerated() where !edit.change.isIdentity {
            let refuse = { (problem: String, remedy: String) -> InputError in
                .badData(
                    "an edit of \(Self.name(edit)) that weights can't hold: \(problem)",
                    in: "\(place): edits[\(index)]",
                    remedy: remedy)
            }
            guard let affine = AffineChange(edit.change) else {
                throw refuse(
                    "it isn't an affine function of the values",
                    "leave it out, or use add, scale, multiply, zero, mean, project-out, clamp or reflect")
            }
            if edit.keepsNorm {
                throw refuse(
                    "it keeps the norm, which depends on the token", "don't keep the norm, or run the plan live")
            }
            guard edit.schedule == .constant else {
                throw refuse("its strength changes as the text grows", "make it constant, or run the plan live")
            }
            guard edit.gate == nil else {
                throw refuse("it depends on a gate", "leave the gate out, or run the plan live")
            }
            guard everywhere || edit.positions == .all else {
                throw refuse(
                    "it acts only at some positions",
                    "set its positions to \"all\", or give --at-all-positions to let it act on every token")
            }
            guard let layer = edit.site.layer, edit.site.kind == .z || edit.site.kind == .attentionOut else {
                throw refuse(
                    "no bias or matrix of the model can make it",
                    "edit z or the attention's output, or run the plan live")
            }
            if edit.site.kind == .attentionOut, configuration.blocks.indices.contains(layer) {
                let block = configuration.blocks[layer]
                guard !block.norms.contains(.afterAttention), block.residualMultiplier == 1 else {
                    throw refuse(
                        "a norm or a multiplier stands between the output projection and the edited values",
                        "edit z, or run the plan live")
                }
            }
            let range = Self.range(edit, configuration)
            let count = affine.rank?.unit.count ?? affine.constant?.count ?? affine.factors?.count ?? range.count
            precondition(count == range.count, "An edit of \(edit.site) needs \(range.count) values, not \(count).")
            if edit.site.kind == .z {
                layers[layer, default: Layer()].before.append((affine, range))
            } else {
                layers[layer, default: Layer()].after.append(affine)
            }
        }
    }

    /// Applies a layer's edits to its output projection.
    func apply(to projection: inout OutputProjection, layer: Int) {
        guard let edits = layers[layer] else { return }
        for (change, range) in edits.before.reversed() { projection.precede(with: change, of: range) }
        for change in edits.after { projection.follow(with: change) }
    }

    /// The range of values at a position that the edit affects.
    private static func range(_ edit: Edit, _ c: ModelConfiguration) -> Range<Int> {
        if let layer = edit.site.layer {
            precondition((0..<c.layers).contains(layer), "The model has \(c.layers) layers; there is no \(edit.site).")
        }
        guard edit.site.kind == .z else {
            precondition(edit.head == nil, "The attention's output has no heads.")
            return 0..<c.width
        }
        guard let head = edit.head else { return 0..<(c.heads * c.headSize) }
        precondition(
            (0..<c.heads).contains(head), "The model has \(c.heads) heads; there is no \(edit.site) of \(head).")
        return (head * c.headSize)..<((head + 1) * c.headSize)
    }

    /// The edit's name in error messages.
    static func name(_ edit: Edit) -> String {
        switch (edit.site.kind, edit.site.layer, edit.head) {
        case (.z, let layer?, let head?): "head \(Head(layer: layer, index: head))"
        default: "\(edit.site)"
        }
    }
}
