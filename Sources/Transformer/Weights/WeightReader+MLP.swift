import DataFiles
import TensorCore

extension WeightReader {
    /// A layer's MLP.
    func mlp(_ layer: Int, _ description: MLPDescription) throws -> MLPWeights {
        let c = configuration
        let names = layout.names
        let down = at(layer, names.down)
        switch description {
        case .plain:
            return .dense(
                DenseMLPWeights(
                    gate: nil, up: try linear(at(layer, names.up), .up, outputs: c.feedForward, inputs: c.width),
                    down: try linear(down, .down, outputs: c.width, inputs: c.feedForward)))
        case .gated:
            let (gate, up) = try gateAndUp(layer)
            return .dense(
                DenseMLPWeights(
                    gate: gate, up: up, down: try linear(down, .down, outputs: c.width, inputs: c.feedForward)))
        case .experts(let description): return .experts(try experts(layer, description))
        }
    }

    private func gateAndUp(_ layer: Int) throws -> (LinearLayer, LinearLayer) {
        let c = configuration
        let names = layout.names
        switch layout.gateAndUp {
        case .separate:
            return (
                try linear(at(layer, names.gate), .gate, outputs: c.feedForward, inputs: c.width),
                try linear(at(layer, names.up), .up, outputs: c.feedForward, inputs: c.width)
            )
        case .stacked:
            let both = try linear(at(layer, names.gateAndUp), .gate, outputs: 2 * c.feedForward, inputs: c.width)
            return (both.rows(0..<c.feedForward), both.rows(c.feedForward..<(2 * c.feedForward)))
        }
    }

    private func experts(_ layer: Int, _ description: ExpertsDescription) throws -> ExpertWeights {
        let c = configuration
        let router = try linear(
            at(layer, layout.names.router), .router, outputs: description.count, inputs: c.width)
        let (gate, up, down) =
            switch layout.experts {
            case .stacked: try stackedExperts(layer, count: description.count)
            case .oneByOne: try separateExperts(layer, count: description.count)
            case .transposedPairs: try transposedExperts(layer, count: description.count)
            case .microscaledPairs: try microscaledExperts(layer, count: description.count)
            }
        return ExpertWeights(router: router, gate: gate, up: up, down: down)
    }

    /// Reads three tensors of all experts' matrices, and possibly three of their biases, [E, outputs].
    private func stackedExperts(
        _ layer: Int, count: Int
    ) throws -> ([LinearLayer], [LinearLayer], [LinearLayer]) {
        let c = configuration
        func layers(_ pattern: String, _ role: LinearRole, outputs: Int, inputs: Int) throws -> [LinearLayer] {
            let name = at(layer, pattern)
            let matrices = try source.matrices("\(name).weight", count: count, rows: outputs, columns: inputs)
            guard try hasBias(name, [role]) else { return matrices.map { LinearLayer(weights: $0) } }
            let biases = try source.matrix("\(name).bias", rows: count, columns: outputs).unpacked()
            return matrices.enumerated().map { LinearLayer(weights: $1, bias: Array(biases.row($0))) }
        }
        return (
            try layers(layout.names.expertGate, .gate, outputs: c.feedForward, inputs: c.width),
            try layers(layout.names.expertUp, .up, outputs: c.feedForward, inputs: c.width),
            try layers(layout.names.expertDown, .down, outputs: c.width, inputs: c.feedForward)
        )
    }

    private func separateExperts(
        _ layer: Int, count: Int
    ) throws -> ([LinearLayer], [LinearLayer], [LinearLayer]) {
        let c = configuration
        func layers(_ pattern: String, _ role: LinearRole, outputs: Int, inputs: Int) throws -> [LinearLayer] {
            try (0..<count).map { expert in
                try linear(
                    at(layer, pattern).replacing("@", with: "\(expert)"), role, outputs: outputs, inputs: inputs)
            }
        }
        return (
            try layers(layout.names.expertGate, .gate, outputs: c.feedForward, inputs: c.width),
            try layers(layout.names.expertUp, .up, outputs: c.feedForward, inputs: c.width),
            try layers(layout.names.expertDown, .down, outputs: c.width, inputs: c.feedForward)
        )
    }

    /// Reads gpt-oss's matrices, [inputs, outputs], whose columns of gate and up alternate.
    ///
    /// They are unpacked to float32, which takes 8 · 3 · E · F · M bytes for a moment. Large models come as GGUF files,
    /// whose tensors are used in place.
    private func transposedExperts(
        _ layer: Int, count: Int
    ) throws -> ([LinearLayer], [LinearLayer], [LinearLayer]) {
        let c = configuration
        let pair = at(layer, layout.names.expertGateAndUp)
        let down = at(layer, layout.names.expertDown)
        let pairs = try source.matrices(pair, count: count, rows: c.width, columns: 2 * c.feedForward)
        let pairBiases = try source.matrix("\(pair)_bias", rows: count, columns: 2 * c.feedForward).unpacked()
        let downs = try source.matrices(down, count: count, rows: c.feedForward, columns: c.width)
        let downBiases = try source.matrix("\(down)_bias", rows: count, columns: c.width).unpacked()
        var gates: [LinearLayer] = []
        var ups: [LinearLayer] = []
        for (expert, matrix) in pairs.enumerated() {
            let both = LinearLayer(weights: matrix.transposed(), bias: Array(pairBiases.row(expert)))
            let places = 0..<c.feedForward
            gates.append(both.rows(places.map { (2 * $0)..<(2 * $0 + 1) }))
            ups.append(both.rows(places.map { (2 * $0 + 1)..<(2 * $0 + 2) }))
        }
        return (
            gates, ups,
            downs.enumerated().map { LinearLayer(weights: $1.transposed(), bias: Array(downBiases.row($0))) }
        )
    }
    /// Reads gpt-oss's experts in four bits, whose rows of gate and up alternate.
    ///
    /// They are copied in the order that products read, O(bytes); tensors of GGUF files are used in place.
    private func microscaledExperts(
        _ layer: Int, count: Int
    ) throws -> ([LinearLayer], [LinearLayer], [LinearLayer]) {
        let c = configuration
        let pair = at(layer, layout.names.expertGateAndUp)
        let down = at(layer, layout.names.expertDown)
        let pairs = try source.microscaled(pair, count: count, rows: 2 * c.feedForward, columns: c.width)
        let downs = try source.microscaled(down, count: count, rows: c.width, columns: c.feedForward)
        let pairBiases = try source.matrix("\(pair)_bias", rows: count, columns: 2 * c.feedForward).unpacked()
        let downBiases = try source.matrix("\(down)_bias", rows: count, columns: c.width).unpacked()
        func half(_ first: Int) -> [LinearLayer] {
            (0..<count).map { expert in
                let rows = stride(from: first, to: 2 * c.feedForward, by: 2)
                let bias = Array(pairBiases.row(expert))
                return LinearLayer(weights: pairs.matrix(expert, rows: rows), bias: rows.map { bias[$0] })
            }
        }
        return (
            half(0), half(1),
            (0..<count).map { expert in
                LinearLayer(
                    weights: downs.matrix(expert, rows: stride(from: 0, to: c.width, by: 1)),
                    bias: Array(downBiases.row(expert)))
            }
        )
    }
}
