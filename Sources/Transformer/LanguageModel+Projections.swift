import DataFiles
import TensorCore

extension LanguageModel {
    /// A layer's output projection W_O as float32: [M, H·D].
    ///
    /// What head h adds to the residual stream is W_O[:, h] · z, with W_O[:, h] the columns h·D ..< (h + 1)·D.
    ///
    /// - Precondition: a layer of the model.
    public func outputProjection(layer: Int) -> Matrix {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        return weights.layers[layer].output.weights.unpacked()
    }

    /// One layer's part of the output projection for one head, W_O[:, h], as float32: [M, D].
    ///
    /// - Precondition: a head of the layer.
    public func outputProjection(layer: Int, head: Int) -> Matrix {
        precondition(
            head >= 0 && head < configuration.heads,
            "The model has \(configuration.heads) heads a layer; there is no head \(head).")
        let size = configuration.headSize
        let whole = outputProjection(layer: layer)
        var part = Matrix(rows: configuration.width, columns: size)
        for row in 0..<configuration.width {
            for column in 0..<size { part[row, column] = whole[row, head * size + column] }
        }
        return part
    }

    /// What the logits of one token read of the residual stream after the last block, but for the norm's division and a soft
    /// cap: [M]. With u = W_U[token] ⊙ γ, γ being the weights of the final norm, it is u; under a layer norm, which takes the
    /// mean off, u less its mean. A multiplier of the logits is in it.
    ///
    /// - Precondition: a token of the vocabulary.
    public func unembedding(of token: Int) -> [Float] {
        precondition(
            token >= 0 && token < configuration.vocabulary,
            "The model has \(configuration.vocabulary) tokens; there is no token \(token).")
        var row = [Float](repeating: 0, count: configuration.width)
        row.withUnsafeMutableBufferPointer { row in
            if let start = row.baseAddress { weights.unembedding.weights.unpack(row: token, into: start) }
        }
        let multiplier = configuration.unembedding.multiplier
        return centred(zip(row, weights.finalNorm.weight).map { $0 * $1 * multiplier })
    }

    /// What vectors in the residual stream would add to every token's logit if they reached the unembedding unchanged and
    /// the final norm divided by 1: W_U (γ ⊙ x), the logit lens of a direction (nostalgebraist 2020), [vectors, V]. Under a
    /// layer norm x is taken less its mean. A soft cap is left out.
    ///
    /// - Parameter vectors: [vectors, M]
    /// - Precondition: vectors as long as the residual stream is wide.
    public func directLogits(of vectors: [[Float]], workers: WorkerPool) -> Matrix {
        precondition(
            vectors.allSatisfy { $0.count == configuration.width },
            "The residual stream has \(configuration.width) values.")
        var logits = Matrix(rows: vectors.count, columns: configuration.vocabulary)
        guard !vectors.isEmpty else { return logits }
        let multiplier = configuration.unembedding.multiplier
        let inputs = vectors.flatMap { zip(centred($0), weights.finalNorm.weight).map { $0 * $1 * multiplier } }
        logits.elements.withUnsafeMutableBufferPointer { logits in
            inputs.withUnsafeBufferPointer { inputs in
                guard let output = logits.baseAddress, let input = inputs.baseAddress else { return }
                // Without the layer's bias: it is no part of what a vector adds.
                LinearProducts(pool: workers).run(
                    [LinearProduct(weights.unembedding.withoutBias, input, into: output)], rows: vectors.count)
            }
        }
        return logits
    }

    /// Values less their mean where the final norm takes the mean off.
    private func centred(_ values: [Float]) -> [Float] {
        guard configuration.norm.kind == .layer else { return values }
        let mean = Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
        return values.map { $0 - mean }
    }
}
