import TensorCore
import Transformer

extension BlockGradient {
    /// Takes the gradient of the output projection's result back through attention, and adds it to the residual
    /// stream's gradient.
    func attention(_ layer: Int, _ output: UnsafePointer<Float>, stopsAtZ: Bool) {
        let weights = model.weights.layers[layer]
        let size = c.heads * c.headSize
        let z = gradients.z.reserveZeros(count * size)
        transposed.add([.init(weights.output, gradient: output)], to: z, rows: count)
        record.takeBack(.z, layer, z, stride: size, rows: rows)
        if stopsAtZ { return }

        let description = c.blocks[layer].attention
        let hasChanges = description.queryKeyNorm != .none || description.clip != nil
        var recomputed = RecomputedPass(
            rows: rows, record: record,
            before: hasChanges ? [.query: FloatBuffer(), .key: FloatBuffer(), .value: FloatBuffer()] : [:])
        run.block.queriesKeysValues(layer, &recomputed)
        throughPattern(layer, AttentionRule(description, weights))
        throughRotation(layer)
        if hasChanges { throughNorms(layer, description, weights, recomputed.before) }
        record.takeBack(.query, layer, gradients.query.pointer, stride: size, rows: rows)
        record.takeBack(.key, layer, gradients.key.pointer, stride: c.kvHeads * c.headSize, rows: rows)
        record.takeBack(.value, layer, gradients.value.pointer, stride: c.kvHeads * c.headSize, rows: rows)
        if model.weights.interleavedRotation { interleave() }
        let normalized = gradients.normalized.reserveZeros(count * c.width)
        transposed.add(
            [
                .init(weights.query, gradient: gradients.query.pointer),
                .init(weights.key, gradient: gradients.key.pointer),
                .init(weights.value, gradient: gradients.value.pointer),
            ], to: normalized, rows: count)
        addToResidual(through: weights.attentionNorm)
    }

    /// From z to the rotated queries, the rotated keys and the values.
    private func throughPattern(_ layer: Int, _ rule: AttentionRule) {
        let groups = c.headGroups
        let all = count * c.heads * c.headSize
        let attention = AttentionGradient(
            groups: groups, rule: rule, query: buffers.query, z: gradients.z.pointer,
            queryGradient: gradients.query.reserveZeros(all))
        let whole = (
            key: gradients.keyOfHead.reserveZeros(all), value: gradients.valueOfHead.reserveZeros(all)
        )
        let joined = segments.map { JoinedKeys($0, past: pasts[$0.step], layer, groups, buffers) }
        let seen = zip(segments, joined).map { segment, joined -> AttentionGradient.Seen in
            let row = groups.offset(row: segment.rows.lowerBound, head: 0)
            let kvRow = groups.kvOffset(row: segment.rows.lowerBound, kvHead: 0)
            return AttentionGradient.Seen(
                past: segment.position, key: joined?.key.pointer ?? buffers.key + kvRow,
                value: joined?.value.pointer ?? buffers.value + kvRow, keyGradient: whole.key + row,
                valueGradient: whole.value + row)
        }
        let longest = segments.map { $0.position + $0.rows.count }.max() ?? 0
        for scratch in gradients.scratch { scratch.reserve(attention.scratchCount(longest: longest)) }
        let readers = record.readers(of: .pattern, layer)
        let patterns = segments.map { segment -> (weights: FloatBuffer, gradients: FloatBuffer)? in
            guard readers.contains(segment.step) else { return nil }
            let pattern = (weights: FloatBuffer(), gradients: FloatBuffer())
            let length = segment.position + segment.rows.count
            _ = pattern.weights.reserveZeros(segment.rows.count * length * c.heads)
            _ = pattern.gradients.reserveZeros(segment.rows.count * length * c.heads)
            return pattern
        }
        withExtendedLifetime(joined) {
            run.workers.run(segments.count * c.heads) { task, worker in
                let index = task / c.heads
                attention.run(
                    segments[index], seen[index], head: task % c.heads, scratch: gradients.scratch[worker].pointer,
                    pattern: patterns[index].map { ($0.weights.pointer, $0.gradients.pointer) })
            }
        }
        for (segment, pattern) in zip(segments, patterns) {
            guard let pattern else { continue }
            record.keep(
                .pattern, layer, values: pattern.weights.pointer, gradients: pattern.gradients.pointer,
                stride: (segment.position + segment.rows.count) * c.heads, rows: Array(rows[segment.rows]))
        }
        addUpGroups()
    }

    /// Adds up the gradients of keys and values over the query heads of each group, in the order of the heads.
    private func addUpGroups() {
        let groups = c.headGroups
        let size = groups.headSize
        let key = gradients.key.reserveZeros(count * groups.kvHeads * size)
        let value = gradients.value.reserveZeros(count * groups.kvHeads * size)
        operations.forEachRow(count) { row in
            for head in 0..<groups.heads {
                let from = groups.offset(row: row, head: head)
                let to = groups.kvOffset(row: row, kvHead: groups.kvHead(of: head))
                Elementwise.add(gradients.keyOfHead.pointer + from, to: key + to, count: size)
                Elementwise.add(gradients.valueOfHead.pointer + from, to: value + to, count: size)
            }
        }
    }

    /// From rotated queries and keys to those before the rotation, by the transposed rotation.
    private func throughRotation(_ layer: Int) {
        guard let index = model.rotaryOfLayer[layer] else { return }
        let groups = c.headGroups
        let half = model.rotaries[index].half
        let angles = buffers.angles(index)
        let (query, key) = (gradients.query.pointer, gradients.key.pointer)
        record.takeBack(.rotatedQuery, layer, query, stride: c.heads * c.headSize, rows: rows)
        record.takeBack(.rotatedKey, layer, key, stride: c.kvHeads * c.headSize, rows: rows)
        operations.forEachRow(count) { row in
            func rotateBack(_ x: UnsafeMutablePointer<Float>) {
                for i in 0..<half {
                    let (a, b) = (x[i], x[half + i])
                    let (cosine, sine) = (angles.cosines[row * half + i], angles.sines[row * half + i])
                    x[i] = a * cosine + b * sine
                    x[half + i] = b * cosine - a * sine
                }
            }
            for head in 0..<groups.heads { rotateBack(query + groups.offset(row: row, head: head)) }
            for head in 0..<groups.kvHeads { rotateBack(key + groups.kvOffset(row: row, kvHead: head)) }
        }
    }

    /// Takes the gradients of queries, keys and values back to before their norms and clipping.
    ///
    /// - Parameter before: the values before norms and clipping.
    private func throughNorms(
        _ layer: Int, _ description: AttentionDescription, _ weights: BlockWeights, _ before: [SiteKind: FloatBuffer]
    ) {
        let parts: [(kind: SiteKind, gradient: FloatBuffer, norm: NormWeights?, heads: Int)] = [
            (.query, gradients.query, weights.queryNorm, c.heads), (.key, gradients.key, weights.keyNorm, c.kvHeads),
            (.value, gradients.value, nil, c.kvHeads),
        ]
        for (kind, gradient, norm, heads) in parts {
            guard let values = before[kind]?.pointer else { continue }
            let size = heads * c.headSize
            operations.forEachRow(count) { row in
                throughNorm(
                    description, norm, values + row * size, gradient.pointer + row * size, heads: heads)
            }
        }
    }

    /// The same for one row of queries, keys or values.
    private func throughNorm(
        _ description: AttentionDescription, _ norm: NormWeights?, _ x: UnsafePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>, heads: Int
    ) {
        let size = heads * c.headSize
        let isWhole = norm == nil || description.queryKeyNorm == .allHeads
        let width = isWhole ? size : c.headSize
        for start in stride(from: 0, to: size, by: width) {
            let part = description.queryKeyNorm == .eachHead ? start / width : 0
            if let clip = description.clip {
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { scratch in
                    guard let normed = scratch.baseAddress else { return }
                    if let norm {
                        norm.apply(c.norm, width: width) { $0(x + start, normed, part) }
                    } else {
                        normed.initialize(from: x + start, count: width)
                    }
                    for i in 0..<width where abs(normed[i]) > clip { gradient[start + i] = 0 }
                }
            }
            norm?.takeBack(c.norm, x + start, gradient + start, part: part, count: width)
        }
    }

    /// Reorders the gradients of queries and keys to match rows of weights that are stored for interleaved rotation.
    private func interleave() {
        let groups = c.headGroups
        let half = c.headSize / 2
        let (query, key) = (gradients.query.pointer, gradients.key.pointer)
        operations.forEachRow(count) { row in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: c.headSize) { scratch in
                guard let scratch = scratch.baseAddress else { return }
                func join(_ x: UnsafeMutablePointer<Float>) {
                    scratch.update(from: x, count: 2 * half)
                    for i in 0..<half {
                        x[2 * i] = scratch[i]
                        x[2 * i + 1] = scratch[half + i]
                    }
                }
                for head in 0..<groups.heads { join(query + groups.offset(row: row, head: head)) }
                for head in 0..<groups.kvHeads { join(key + groups.kvOffset(row: row, kvHead: head)) }
            }
        }
    }
}
