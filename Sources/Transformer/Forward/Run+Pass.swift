import TensorCore

extension Run {
    /// Takes a pass's rows through the first `depth` blocks and, if these are all blocks, to the logits.
    ///
    /// - Parameters:
    ///   - start: where the rows begin if it isn't at their embeddings.
    ///   - onLogits: called with each row whose logits were requested, and with these logits.
    func compute(
        _ pass: Pass, steps: [Step], states: [SequenceState], from start: ResidualStart?, depth: Int,
        visitor: SiteVisitor, onLogits: (PassRow, UnsafeBufferPointer<Float>) -> Void
    ) throws {
        let c = model.configuration
        let rows = pass.rows
        let count = rows.count
        buffers.reserve(rows: count, c)
        if let start {
            for (index, row) in rows.enumerated() {
                let done = row.position - sequences[steps[row.step].sequence].count
                start.copy(step: row.step, row: done, to: buffers.residual + index * c.width)
            }
        } else {
            operations.embed(rows)
        }
        operations.prepareRotation(rows)
        let attention = CausalAttention(
            configuration: c, buffers: buffers, pool: workers, segments: pass.segments,
            caches: pass.segments.map { states[$0.step].cache })
        var blockPass = SequencePass(
            pass: pass, attention: attention, visitor: visitor,
            keyCounts: pass.segments.map { segment in
                sequences[steps[segment.step].sequence].count + steps[segment.step].tokens.count
            }, heads: c.heads, onSite: onSite)
        for layer in (start?.layer ?? 0)..<depth {
            if isCancelled() { throw CancellationError() }
            block.run(layer, &blockPass)
        }
        guard depth == c.layers else { return }
        unembed(rows, steps: steps, visitor: visitor, onLogits: onLogits)
    }

    private func unembed(
        _ rows: [PassRow], steps: [Step], visitor: SiteVisitor,
        onLogits: (PassRow, UnsafeBufferPointer<Float>) -> Void
    ) {
        let c = model.configuration
        let wanted = rows.indices.filter { row in
            steps[rows[row].step].logits.map { rows[row].matches($0) } ?? false
        }
        // A read or an edit of the logits needs them only at its own positions, as does one of the final norm.
        let isWanted = Set(wanted)
        let needed =
            visitor.wants(.logits, nil)
            ? rows.indices.filter { isWanted.contains($0) || visitor.wants(.logits, nil, row: rows[$0]) } : wanted
        let keepsNorms = visitor.wants(.finalNorm, nil)
        if keepsNorms {
            _ = operations.normed(model.weights.finalNorm, into: buffers.normalized, rows: rows.count)
            visitor.visit(.finalNorm, nil, buffers.normalized, stride: c.width, rows: rows)
        }
        // The rows are processed in groups, so that the logits of a long prompt are not in memory twice.
        var start = 0
        while start < needed.count {
            let group = Array(needed[start..<min(start + 32, needed.count)])
            for (offset, row) in group.enumerated() {
                let target = buffers.projected + offset * c.width
                if keepsNorms {
                    target.update(from: buffers.normalized + row * c.width, count: c.width)
                } else {
                    model.weights.finalNorm.apply(c.norm, width: c.width) {
                        $0(buffers.residual + row * c.width, target, 0)
                    }
                }
            }
            let logits = buffers.logits.reserve(group.count * c.vocabulary)
            products.run(
                [LinearProduct(model.weights.unembedding, buffers.projected, into: logits)], rows: group.count)
            c.unembedding.finish(logits, count: group.count * c.vocabulary)
            onSite?(.logits)
            visitor.visit(.logits, nil, logits, stride: c.vocabulary, rows: group.map { rows[$0] })
            for (offset, row) in group.enumerated() where isWanted.contains(row) {
                onLogits(
                    rows[row], UnsafeBufferPointer(start: logits + offset * c.vocabulary, count: c.vocabulary))
            }
            start += group.count
        }
    }
}

/// The ordinary pass as a block sees it: rows of sequences that attend to their own past.
private struct SequencePass: BlockPass {
    let pass: Pass
    let attention: CausalAttention
    let visitor: SiteVisitor
    /// For each segment, the length of its sequence after the step.
    let keyCounts: [Int]
    let heads: Int
    let onSite: ((SiteKind) -> Void)?

    var rowCount: Int { pass.rows.count }

    func attend(layer: Int, rule: AttentionRule) {
        guard visitor.wants(.pattern, layer) else { return attention.run(layer: layer, rule: rule) }
        let patterns = zip(pass.segments, keyCounts).map { segment, keys in
            FloatBuffer(capacity: segment.rows.count * heads * keys)
        }
        attention.run(layer: layer, rule: rule, patterns: patterns.map(\.pointer), patternKeys: keyCounts)
        for (index, segment) in pass.segments.enumerated() {
            visitor.visit(
                .pattern, layer, patterns[index].pointer, stride: heads * keyCounts[index],
                rows: Array(pass.rows[segment.rows]))
        }
    }

    func visit(_ kind: SiteKind, _ layer: Int, _ values: UnsafeMutablePointer<Float>, stride: Int) {
        onSite?(kind)
        guard visitor.wants(kind, layer) else { return }
        visitor.visit(kind, layer, values, stride: stride, rows: pass.rows)
    }
}
