import TensorCore
import Transformer

/// The end of a pass: from the last residual stream to logits and objectives, and back.
struct LogitsGradient {
    /// The number of rows of logits that completes a group of texts: enough to be worth unpacking the output matrix
    /// for.
    private static let rowsOfGroup = 64

    let run: Run
    let texts: [GradientText]
    let rows: [PassRow]
    let segments: [PassSegment]
    let record: SiteRecord
    let transposed: TransposedProducts

    /// The rows of a text whose logits are needed, as places among the rows of its group.
    private struct Needed {
        let text: Int
        let places: Range<Int>
    }

    /// The values of the objectives' terms, for each text.
    ///
    /// - Parameter gradient: receives the gradient of the residual stream after the last block, [R, M], zero
    ///   beforehand; nil if it isn't needed.
    func terms(gradient: UnsafeMutablePointer<Float>?) throws -> [[Double]] {
        var terms = [[Double]](repeating: [], count: texts.count)
        var group: [Int] = []
        var needed: [Needed] = []
        func close() throws {
            for (own, values) in zip(needed, try process(group, needed, gradient)) { terms[own.text] = values }
            (group, needed) = ([], [])
        }
        for segment in segments {
            let text = texts[segment.step]
            let own = segment.rows.filter { row in
                text.objective.terms.contains { rows[row].matches($0.positions) }
                    || record.wants(.finalNorm, row: rows[row]) || record.wants(.logits, row: rows[row])
            }
            needed.append(Needed(text: segment.step, places: group.count..<group.count + own.count))
            group += own
            if group.count >= Self.rowsOfGroup { try close() }
        }
        try close()
        return terms
    }

    private func process(
        _ group: [Int], _ needed: [Needed], _ gradient: UnsafeMutablePointer<Float>?
    ) throws -> [[Double]] {
        let c = run.model.configuration
        let weights = run.model.weights
        let (width, vocabulary) = (c.width, c.vocabulary)
        let places = group.map { rows[$0] }
        let normed = FloatBuffer(capacity: group.count * width)
        for (place, row) in group.enumerated() {
            weights.finalNorm.apply(c.norm, width: width) {
                $0(run.buffers.residual + row * width, normed.pointer + place * width, 0)
            }
        }
        record.visit(.finalNorm, nil, normed.pointer, stride: width, rows: places)
        let logits = FloatBuffer(capacity: group.count * vocabulary)
        run.operations.products.run(
            [LinearProduct(weights.unembedding, normed.pointer, into: logits.pointer)], rows: group.count)
        c.unembedding.finish(logits.pointer, count: group.count * vocabulary)
        record.visit(.logits, nil, logits.pointer, stride: vocabulary, rows: places)

        let back = FloatBuffer()
        let evaluated = try evaluate(needed, places, logits.pointer, back.reserveZeros(group.count * vocabulary))
        guard let gradient else { return evaluated }
        record.takeBack(.logits, nil, back.pointer, stride: vocabulary, rows: places)
        run.operations.forEachRow(group.count) { place in
            let (own, logits) = (back.pointer + place * vocabulary, logits.pointer + place * vocabulary)
            if let cap = c.unembedding.softCap {
                for i in 0..<vocabulary { own[i] *= 1 - logits[i] / cap * (logits[i] / cap) }
            }
            if c.unembedding.multiplier != 1 {
                Elementwise.scale(own, by: c.unembedding.multiplier, count: vocabulary)
            }
        }
        let ofNormed = normed.reserveZeros(group.count * width)
        transposed.add([.init(weights.unembedding, gradient: back.pointer)], to: ofNormed, rows: group.count)
        record.takeBack(.finalNorm, nil, ofNormed, stride: width, rows: places)
        run.operations.forEachRow(group.count) { place in
            let own = ofNormed + place * width
            weights.finalNorm.takeBack(c.norm, run.buffers.residual + group[place] * width, own, count: width)
            (gradient + group[place] * width).update(from: own, count: width)
        }
        return evaluated
    }

    /// The terms of each text, and the gradients of the logits.
    private func evaluate(
        _ needed: [Needed], _ places: [PassRow], _ logits: UnsafePointer<Float>, _ back: UnsafeMutablePointer<Float>
    ) throws -> [[Double]] {
        let vocabulary = run.model.configuration.vocabulary
        // Each text reads and writes its own rows.
        nonisolated(unsafe) let logits = logits
        nonisolated(unsafe) let back = back
        let texts = texts
        return try needed.concurrentMap(run.workers) { own in
            try texts[own.text].objective.terms.map { term in
                let read = own.places.filter { places[$0].matches(term.positions) }
                var values: [Float] = []
                values.reserveCapacity(read.count * vocabulary)
                for place in read {
                    values.append(
                        contentsOf: UnsafeBufferPointer(start: logits + place * vocabulary, count: vocabulary))
                }
                let result = try term.evaluate(
                    LogitRows(
                        positions: read.map { places[$0].position }, promptCount: texts[own.text].promptCount,
                        logits: Matrix(rows: read.count, columns: vocabulary, elements: values)))
                try result.check(rows: read.count, columns: vocabulary)
                result.gradient.elements.withUnsafeBufferPointer { gradient in
                    guard let gradient = gradient.baseAddress else { return }
                    for (row, place) in read.enumerated() {
                        Elementwise.add(
                            Float(term.weight), times: gradient + row * vocabulary, to: back + place * vocabulary,
                            count: vocabulary)
                    }
                }
                return result.value
            }
        }
    }
}
