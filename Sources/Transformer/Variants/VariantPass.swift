import TensorCore

/// A pass over last-position variants as a block sees it: variants become rows of their own where they are first
/// edited.
struct VariantPass: BlockPass {
    let run: Run
    let attention: VariantAttention
    /// The prompts' sequences, without their last tokens.
    let prompts: [SequenceState]
    /// Each prompt's last position.
    let places: [PassRow]
    let variants: [[HeadEdit]]
    /// For each variant, the first layer that it edits.
    let entries: [Int]
    var rows: [VariantRow]

    var rowCount: Int { rows.count }

    func prepareRotation() { run.operations.prepareRotation(rows.map { places[$0.prompt] }) }

    func attend(layer: Int, rule: AttentionRule) {
        attention.run(layer: layer, rule: rule, rows: rows, prompts: prompts)
    }

    mutating func visit(_ kind: SiteKind, _ layer: Int, _ values: UnsafeMutablePointer<Float>, stride: Int) {
        guard kind == .z else { return }
        for variant in variants.indices where entries[variant] == layer {
            for prompt in prompts.indices { addRow(VariantRow(prompt: prompt, variant: variant)) }
        }
        let groups = run.model.configuration.headGroups
        for (row, place) in rows.enumerated() {
            guard let variant = place.variant else { continue }
            for edit in variants[variant] where edit.layer == layer && !edit.change.isIdentity {
                edit.change.apply(
                    to: values + groups.offset(row: row, head: edit.head), count: groups.headSize,
                    place: places[place.prompt].place)
            }
        }
    }

    /// Adds a row that begins as a copy of its prompt's unedited row at z.
    private mutating func addRow(_ row: VariantRow) {
        let c = run.model.configuration
        let buffers = run.buffers
        // In parallel order, the MLP may read the norm's output that the attention has read.
        for (values, width) in [
            (buffers.residual, c.width), (buffers.normalized, c.width), (buffers.z, c.heads * c.headSize),
        ] {
            (values + rows.count * width).update(from: values + row.prompt * width, count: width)
        }
        rows.append(row)
    }
}

/// One row of a pass over variants.
struct VariantRow {
    var prompt: Int
    /// nil for the unedited prompt.
    var variant: Int?
}
