import TensorCore
import Transformer

/// The forward pass as a block sees it: values are kept and edits are applied.
struct CheckpointedPass: BlockPass {
    let rows: [PassRow]
    let attention: CausalAttention
    let record: SiteRecord
    let checkpoints: Checkpoints

    var rowCount: Int { rows.count }

    func attend(layer: Int, rule: AttentionRule) { attention.run(layer: layer, rule: rule) }

    func visit(_ kind: SiteKind, _ layer: Int, _ values: UnsafeMutablePointer<Float>, stride: Int) {
        if kind == .residualPre || kind == .residualMid { checkpoints.keep(kind, layer, values) }
        record.visit(kind, layer, values, stride: stride, rows: rows)
    }

    func willFinish(_ kind: SiteKind, _ layer: Int, _ values: UnsafePointer<Float>) {
        checkpoints.keep(kind, layer, values)
    }
}

/// A part of a block that is recomputed in the backward pass: edits are applied again, and nothing is read.
struct RecomputedPass: BlockPass {
    let rows: [PassRow]
    let record: SiteRecord
    /// Buffers for queries, keys and values before their norms and clipping, if the block has either.
    let before: [SiteKind: FloatBuffer]

    var rowCount: Int { rows.count }

    func attend(layer: Int, rule: AttentionRule) {}

    func visit(_ kind: SiteKind, _ layer: Int, _ values: UnsafeMutablePointer<Float>, stride: Int) {
        record.edit(kind, layer, values, stride: stride, rows: rows)
        before[kind]?.reserve(rows.count * stride).update(from: values, count: rows.count * stride)
    }
}
