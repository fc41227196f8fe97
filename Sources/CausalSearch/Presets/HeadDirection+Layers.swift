import Directions

extension HeadDirection {
    /// The entry for a direction of a whole layer's site in a directions file; the norm of its values is the stream's.
    var layerEntry: DirectionFile.Entry {
        DirectionFile.Entry(vector: vector, sigma: Float(sigma), mean: mean, residualNorm: Float(headNorm))
    }

    /// ‖θ‖
    var norm: Double { vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
}
