import TensorCore

extension BlockOperations {
    /// The weighted sum of the experts that each row takes.
    ///
    /// Rows that take the same expert go through it together. A row's sum runs over its experts in the order of their numbers,
    /// so it doesn't depend on the other rows.
    func mixExperts(
        _ experts: ExpertWeights, _ choice: ExpertsDescription, from input: UnsafePointer<Float>,
        into output: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let c = model.configuration
        let router = FloatBuffer(capacity: rows * choice.count)
        products.run([LinearProduct(experts.router, input, into: router.pointer)], rows: rows)
        var rowsOfExpert = [[(row: Int, weight: Float)]](repeating: [], count: choice.count)
        for row in 0..<rows {
            let scores = UnsafeBufferPointer(start: router.pointer + row * choice.count, count: choice.count)
            for (expert, weight) in choice.weights(scores) { rowsOfExpert[expert].append((row, weight)) }
        }
        (output).update(repeating: 0, count: rows * c.width)

        let most = rowsOfExpert.map(\.count).max() ?? 0
        let gathered = FloatBuffer(capacity: most * c.width)
        let result = FloatBuffer(capacity: most * c.width)
        for (expert, taken) in rowsOfExpert.enumerated() where !taken.isEmpty {
            for (place, entry) in taken.enumerated() {
                (gathered.pointer + place * c.width).update(from: input + entry.row * c.width, count: c.width)
            }
            products.run(
                [
                    LinearProduct(experts.gate[expert], gathered.pointer, into: buffers.gate),
                    LinearProduct(experts.up[expert], gathered.pointer, into: buffers.up),
                ], rows: taken.count)
            forEachRow(taken.count) { row in
                let gate = buffers.gate + row * c.feedForward
                let up = buffers.up + row * c.feedForward
                if let limited = choice.limitedGate {
                    Elementwise.limitedGate(
                        gate, up, limit: limited.limit, slope: limited.slope, into: gate, count: c.feedForward)
                } else {
                    Elementwise.gate(gate, up, into: gate, count: c.feedForward)
                }
            }
            products.run([LinearProduct(experts.down[expert], buffers.gate, into: result.pointer)], rows: taken.count)
            for (place, entry) in taken.enumerated() {
                Elementwise.add(
                    entry.weight, times: result.pointer + place * c.width, to: output + entry.row * c.width,
                    count: c.width)
            }
        }
    }
}

extension ExpertsDescription {
    /// The experts that a row takes and their weights, in the order of their numbers.
    ///
    /// - Parameter scores: what the router says of each expert. Of equal ones the first is taken.
    func weights(_ scores: UnsafeBufferPointer<Float>) -> [(expert: Int, weight: Float)] {
        let chosen = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(perToken).sorted()
        var values =
            switch weighting {
            case .overAll: Array(scores)
            case .overChosen: chosen.map { scores[$0] }
            }
        values.withUnsafeMutableBufferPointer { values in
            if let start = values.baseAddress { Elementwise.softmax(start, count: values.count) }
        }
        return chosen.enumerated().map { place, expert in
            (expert, weighting == .overAll ? values[expert] : values[place])
        }
    }
}
