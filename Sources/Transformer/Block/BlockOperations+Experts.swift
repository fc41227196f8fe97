import TensorCore

extension BlockOperations {
    /// Computes the weighted sum of the experts that each row takes.
    ///
    /// Rows that take the same expert go through it together. A row's sum runs over its experts in the order of their
    /// numbers, so it doesn't depend on the other rows.
    func mixExperts(
        _ experts: ExpertWeights, _ choice: ExpertsDescription, from input: UnsafePointer<Float>,
        into output: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let c = model.configuration
        let router = buffers.router.reserve(rows * choice.count)
        products.run([LinearProduct(experts.router, input, into: router)], rows: rows)
        let choices = buffers.expertChoices
        choices.choose(choice, router, rows: rows)
        output.update(repeating: 0, count: rows * c.width)

        // A row takes each expert at most once.
        let gathered = buffers.expertInput.reserve(rows * c.width)
        let result = buffers.expertOutput.reserve(rows * c.width)
        for expert in 0..<choice.count {
            let count = choices.count(of: expert)
            if count == 0 { continue }
            for place in 0..<count {
                (gathered + place * c.width).update(
                    from: input + choices.entry(place, of: expert).row * c.width, count: c.width)
            }
            products.run(
                [
                    LinearProduct(experts.gate[expert], gathered, into: buffers.gate),
                    LinearProduct(experts.up[expert], gathered, into: buffers.up),
                ], rows: count)
            forEachRow(count) { row in
                let gate = buffers.gate + row * c.feedForward
                let up = buffers.up + row * c.feedForward
                if let limited = choice.limitedGate {
                    Elementwise.limitedGate(
                        gate, up, limit: limited.limit, slope: limited.slope, into: gate, count: c.feedForward)
                } else {
                    Elementwise.gate(gate, up, into: gate, count: c.feedForward)
                }
            }
            products.run([LinearProduct(experts.down[expert], buffers.gate, into: result)], rows: count)
            for place in 0..<count {
                let (row, weight) = choices.entry(place, of: expert)
                Elementwise.add(weight, times: result + place * c.width, to: output + row * c.width, count: c.width)
            }
        }
    }
}
