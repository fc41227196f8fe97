import TensorCore
import Transformer

extension BlockGradient {
    /// The backward pass through a mixture of experts: the experts that a row takes are chosen again and have no
    /// derivative, but their weights have one.
    ///
    /// With y = Σ wₑ (Wₑ hₑ + bₑ) and t = Wₑᵀ dy: dhₑ = wₑ t and dwₑ = t·hₑ + bₑ·dy. Leaves the gradient of the input
    /// in `gradients.normalized`.
    func experts(
        _ experts: ExpertWeights, _ choice: ExpertsDescription, from input: UnsafePointer<Float>,
        _ output: UnsafePointer<Float>
    ) {
        let width = c.width
        let scores = buffers.router.reserve(count * choice.count)
        operations.products.run([LinearProduct(experts.router, input, into: scores)], rows: count)
        let choices = buffers.expertChoices
        // This overwrites the scores with the weights of all experts, if the softmax is over all of them.
        choices.choose(choice, scores, rows: count)
        let weightGradients = gradients.router.reserveZeros(count * choice.count)
        let normalized = gradients.normalized.reserveZeros(count * width)
        let gathered = buffers.expertInput.reserve(count * width)
        let back = buffers.expertOutput.reserve(count * width)
        for expert in 0..<choice.count {
            let own = (0..<choices.count(of: expert)).map { choices.entry($0, of: expert) }
            if own.isEmpty { continue }
            for (place, entry) in own.enumerated() {
                (gathered + place * width).update(from: input + entry.row * width, count: width)
                (back + place * width).update(from: output + entry.row * width, count: width)
            }
            operations.products.run(
                [
                    LinearProduct(experts.gate[expert], gathered, into: buffers.gate),
                    LinearProduct(experts.up[expert], gathered, into: buffers.up),
                ], rows: own.count)
            let post = gradients.mlpPost.reserveZeros(own.count * c.feedForward)
            transposed.add([.init(experts.down[expert], gradient: back)], to: post, rows: own.count)
            let bias = experts.down[expert].bias
            operations.forEachRow(own.count) { place in
                weightGradients[own[place].row * choice.count + expert] = throughGate(
                    place, choice, weight: own[place].weight)
                if let bias {
                    weightGradients[own[place].row * choice.count + expert] += zip(0..<width, bias).reduce(Float(0)) {
                        $0 + back[place * width + $1.0] * $1.1
                    }
                }
            }
            let added = gathered
            added.update(repeating: 0, count: own.count * width)
            transposed.add(
                [
                    .init(experts.gate[expert], gradient: buffers.gate),
                    .init(experts.up[expert], gradient: buffers.up),
                ], to: added, rows: own.count)
            for (place, entry) in own.enumerated() {
                Elementwise.add(added + place * width, to: normalized + entry.row * width, count: width)
            }
        }
        throughRouter(choice, scores, weightGradients)
        transposed.add([.init(experts.router, gradient: weightGradients)], to: normalized, rows: count)
    }

    /// Replaces the values of one row's branches in an expert by their gradients.
    ///
    /// - Returns: the derivative with respect to the row's weight for that expert.
    private func throughGate(_ place: Int, _ choice: ExpertsDescription, weight: Float) -> Float {
        let width = c.feedForward
        let gate = buffers.gate + place * width
        let up = buffers.up + place * width
        let post = gradients.mlpPost.pointer + place * width
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { scratch in
            guard let scratch = scratch.baseAddress else { return 0 }
            if let limited = choice.limitedGate {
                Elementwise.limitedGate(
                    gate, up, limit: limited.limit, slope: limited.slope, into: scratch, count: width)
            } else {
                Elementwise.gate(gate, up, into: scratch, count: width)
            }
            let derivative = Elementwise.dot(post, scratch, count: width)
            Elementwise.scale(post, by: weight, count: width)
            if let limited = choice.limitedGate {
                limited.takeBack(post, gate, up, scratch: scratch, count: width)
            } else {
                Activation.silu.takeBack(post, gate, up, scratch: scratch, count: width)
            }
            return derivative
        }
    }

    /// Turns the gradients of the experts' weights into those of the router's scores, in place: ds = w ⊙ (dw − Σ w dw).
    ///
    /// - Parameter weights: the weights of all experts if the softmax is over all of them; otherwise overwritten with
    ///   those of the chosen ones.
    private func throughRouter(
        _ choice: ExpertsDescription, _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>
    ) {
        if choice.weighting == .overChosen {
            // The weights of the other experts are zero.
            weights.update(repeating: 0, count: count * choice.count)
            for expert in 0..<choice.count {
                for place in 0..<buffers.expertChoices.count(of: expert) {
                    let entry = buffers.expertChoices.entry(place, of: expert)
                    weights[entry.row * choice.count + expert] = entry.weight
                }
            }
        }
        for row in 0..<count {
            let (w, g) = (weights + row * choice.count, gradients + row * choice.count)
            let mean = Elementwise.dot(w, g, count: choice.count)
            for expert in 0..<choice.count { g[expert] = w[expert] * (g[expert] - mean) }
        }
    }
}
