import DataFiles
import TensorCore

extension LanguageModel {
    /// A layer's output projection W_O as float32: [M, H·D].
    ///
    /// Head h adds W_O[:, h] · z to the residual stream, where W_O[:, h] is the columns h·D ..< (h + 1)·D.
    ///
    /// - Precondition: the model has the layer.
    public func outputProjection(layer: Int) -> Matrix {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        return weights.layers[layer].output.weights.unpacked()
    }

    /// One head's part of a layer's output projection, W_O[:, h], as float32: [M, D].
    ///
    /// - Precondition: the model has the layer and the head.
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

    /// The vector that one token's logit reads from the residual stream after the last block, apart from the norm's
    /// division and a soft cap: [M].
    ///
    /// It is u = W_U[token] ⊙ γ, where γ is the weights of the final norm. Under a layer norm, which subtracts the
    /// mean, it is u minus its mean. It includes a multiplier of the logits.
    ///
    /// - Precondition: the token is in the vocabulary.
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

    /// The amounts that vectors in the residual stream would add to every token's logit if they reached the unembedding
    /// unchanged and the final norm divided by 1: W_U (γ ⊙ x), the logit lens of a direction (nostalgebraist 2020),
    /// [vectors, V].
    ///
    /// Under a layer norm, the mean of x is subtracted first. A soft cap is left out.
    ///
    /// - Parameter vectors: [vectors, M]
    /// - Precondition: each vector has M values.
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
                // The layer's bias is left out, because a vector doesn't add it.
                LinearProducts(pool: workers).run(
                    [LinearProduct(weights.unembedding.withoutBias, input, into: output)], rows: vectors.count)
            }
        }
        return logits
    }

    /// Values minus their mean, if the final norm subtracts the mean.
    private func centred(_ values: [Float]) -> [Float] {
        guard configuration.norm.kind == .layer else { return values }
        let mean = Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
        return values.map { $0 - mean }
    }
}
