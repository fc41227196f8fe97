import TensorCore

extension BlockOperations {
    /// Computes the MLP's branches; a plain MLP has one.
    func projectGateAndUp(_ mlp: DenseMLPWeights, from input: UnsafePointer<Float>, rows: Int) {
        let up = LinearProduct(mlp.up, input, into: buffers.up)
        if let gate = mlp.gate {
            products.run([LinearProduct(gate, input, into: buffers.gate), up], rows: rows)
        } else {
            products.run([up], rows: rows)
        }
    }

    /// Computes a(gate) · up, or a(up) in a plain MLP, into `gate`.
    func activate(_ description: MLPDescription, rows: Int) {
        let width = model.configuration.feedForward
        forEachRow(rows) { row in
            let gate = buffers.gate + row * width
            let up = buffers.up + row * width
            switch description {
            case .gated(let activation): activation.gate(gate, up, into: gate, count: width)
            case .plain(let activation): activation.apply(up, into: gate, count: width)
            case .experts: break
            }
        }
    }

    /// Computes the down projection of `gate`.
    func projectDown(_ mlp: DenseMLPWeights, into output: UnsafeMutablePointer<Float>, rows: Int) {
        products.run([LinearProduct(mlp.down, buffers.gate, into: output)], rows: rows)
    }
}

extension Activation {
    /// yᵢ = a(gᵢ) · uᵢ; y may be g.
    func gate(_ g: UnsafePointer<Float>, _ u: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count n: Int) {
        run(g, times: u, into: y, count: n)
    }

    /// yᵢ = a(xᵢ); y may be x.
    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count n: Int) {
        run(x, times: nil, into: y, count: n)
    }

    private func run(
        _ x: UnsafePointer<Float>, times u: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, count n: Int
    ) {
        switch self {
        case .silu: Elementwise.silu(x, times: u, into: y, count: n)
        case .gelu: Elementwise.gelu(x, times: u, into: y, count: n)
        case .geluTanh: Elementwise.geluTanh(x, times: u, into: y, count: n)
        case .reluSquared: Elementwise.reluSquared(x, times: u, into: y, count: n)
        }
    }
}
