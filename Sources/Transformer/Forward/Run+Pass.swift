import TensorCore

extension Run {
    /// Takes a pass's rows through the first `depth` blocks and, after all of them, to the logits.
    ///
    /// - Parameter onLogits: gets each row whose logits were asked for, with them.
    func compute(
        _ pass: Pass, steps: [Step], states: [SequenceState], depth: Int, visitor: SiteVisitor,
        onLogits: (PassRow, UnsafeBufferPointer<Float>) -> Void
    ) throws {
        let c = model.configuration
        let rows = pass.rows
        let count = rows.count
        buffers.reserve(rows: count, c)
        operations.embed(rows)
        operations.prepareRotation(rows)
        let attention = CausalAttention(
            configuration: c, buffers: buffers, pool: workers, segments: pass.segments,
            caches: pass.segments.map { states[$0.step].cache })
        for index in 0..<depth {
            if isCancelled() { throw CancellationError() }
            let layer = model.weights.layers[index]
            visitor.visit(.residualPre, index, buffers.residual, stride: c.width, rows: rows)
            operations.norm(layer.attentionNorm, rows: count)
            operations.projectQueriesKeysValues(layer, rows: count)
            visitor.visit(.query, index, buffers.query, stride: c.heads * c.headSize, rows: rows)
            visitor.visit(.key, index, buffers.key, stride: c.kvHeads * c.headSize, rows: rows)
            visitor.visit(.value, index, buffers.value, stride: c.kvHeads * c.headSize, rows: rows)
            operations.rotate(rows: count)
            visitor.visit(.rotatedQuery, index, buffers.query, stride: c.heads * c.headSize, rows: rows)
            visitor.visit(.rotatedKey, index, buffers.key, stride: c.kvHeads * c.headSize, rows: rows)
            if visitor.wants(.pattern, index) {
                attendKeepingPatterns(attention, pass, layer: index, steps: steps, visitor: visitor)
            } else {
                attention.run(layer: index)
            }
            visitor.visit(.z, index, buffers.z, stride: c.heads * c.headSize, rows: rows)
            operations.projectOutput(layer, rows: count)
            visitor.visit(.attentionOut, index, buffers.projected, stride: c.width, rows: rows)
            operations.addToResidual(rows: count)
            visitor.visit(.residualMid, index, buffers.residual, stride: c.width, rows: rows)
            operations.norm(layer.mlpNorm, rows: count)
            operations.projectGateAndUp(layer, rows: count)
            visitor.visit(.mlpPre, index, buffers.gate, stride: c.feedForward, rows: rows)
            visitor.visit(.mlpPreLinear, index, buffers.up, stride: c.feedForward, rows: rows)
            operations.activate(rows: count)
            visitor.visit(.mlpPost, index, buffers.gate, stride: c.feedForward, rows: rows)
            operations.projectDown(layer, rows: count)
            visitor.visit(.mlpOut, index, buffers.projected, stride: c.width, rows: rows)
            operations.addToResidual(rows: count)
            visitor.visit(.residualPost, index, buffers.residual, stride: c.width, rows: rows)
        }
        guard depth == c.layers else { return }
        unembed(rows, steps: steps, visitor: visitor, onLogits: onLogits)
    }

    private func attendKeepingPatterns(
        _ attention: CausalAttention, _ pass: Pass, layer: Int, steps: [Step], visitor: SiteVisitor
    ) {
        let heads = model.configuration.heads
        let keyCounts = pass.segments.map { segment in
            sequences[steps[segment.step].sequence].count + steps[segment.step].tokens.count
        }
        let patterns = zip(pass.segments, keyCounts).map { segment, keys in
            let pattern = FloatBuffer(capacity: segment.rows.count * heads * keys)
            pattern.pointer.update(repeating: 0, count: segment.rows.count * heads * keys)
            return pattern
        }
        attention.run(layer: layer, patterns: patterns.map(\.pointer), patternKeys: keyCounts)
        for (index, segment) in pass.segments.enumerated() {
            visitor.visit(
                .pattern, layer, patterns[index].pointer, stride: heads * keyCounts[index],
                rows: Array(pass.rows[segment.rows]))
        }
    }

    private func unembed(
        _ rows: [PassRow], steps: [Step], visitor: SiteVisitor,
        onLogits: (PassRow, UnsafeBufferPointer<Float>) -> Void
    ) {
        let c = model.configuration
        let wanted = rows.indices.filter { row in
            steps[rows[row].step].logits.map { rows[row].matches($0) } ?? false
        }
        // A read or an edit of the logits needs them at its own positions only, as it does with the final norm.
        let isWanted = Set(wanted)
        let needed =
            visitor.wants(.logits, nil)
            ? rows.indices.filter { isWanted.contains($0) || visitor.wants(.logits, nil, row: rows[$0]) } : wanted
        let keepsNorms = visitor.wants(.finalNorm, nil)
        if keepsNorms {
            operations.norm(model.weights.finalNorm, rows: rows.count)
            visitor.visit(.finalNorm, nil, buffers.normalized, stride: c.width, rows: rows)
        }
        // In groups, so that the logits of a long prompt are not in memory twice.
        var start = 0
        while start < needed.count {
            let group = Array(needed[start..<min(start + 32, needed.count)])
            for (offset, row) in group.enumerated() {
                let target = buffers.projected + offset * c.width
                if keepsNorms {
                    target.update(from: buffers.normalized + row * c.width, count: c.width)
                } else {
                    Elementwise.rmsNorm(
                        buffers.residual + row * c.width, weight: model.weights.finalNorm, epsilon: c.normEpsilon,
                        into: target, count: c.width)
                }
            }
            let logits = buffers.logits.reserve(group.count * c.vocabulary)
            products.run(
                [LinearProduct(model.weights.unembedding, buffers.projected, into: logits)], rows: group.count)
            visitor.visit(.logits, nil, logits, stride: c.vocabulary, rows: group.map { rows[$0] })
            for (offset, row) in group.enumerated() where isWanted.contains(row) {
                onLogits(
                    rows[row], UnsafeBufferPointer(start: logits + offset * c.vocabulary, count: c.vocabulary))
            }
            start += group.count
        }
    }
}
