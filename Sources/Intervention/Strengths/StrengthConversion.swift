import Transformer

/// A strength in every unit, so that papers can be compared.
///
/// HSI and ITI measure in σ, CAA by the direction itself, others by the norm of the residual stream.
public struct StrengthConversion: Sendable, Codable, Equatable {
    /// How far `add` moves the values along the unit vector, or where `clamp` puts their component, in the activations'
    /// own unit; negative for the opposite way.
    public var length: Double
    /// length / ‖direction‖: the strength that `add` needs with the unit `raw`.
    public var raw: Double
    /// length / σ; nil if the directions file has no σ.
    public var sigma: Double?
    /// length / the mean norm of z on clean text; nil if it is not stored.
    public var headNorm: Double?
    /// length / the mean norm of the residual stream; nil if it is not stored.
    public var residualNorm: Double?
}

extension LoadedPlan {
    /// The strengths of the plan's `add` and `clamp` edits in every unit, nil for the other operations.
    ///
    /// - Throws: what ``edits(_:)`` throws.
    public func strengths(_ configuration: ModelConfiguration) throws -> [StrengthConversion?] {
        try plan.edits.indices.map {
            try resolver($0, headSize: configuration.headSize, width: configuration.width).conversion()
        }
    }
}

extension EditResolver {
    fileprivate func conversion() throws -> StrengthConversion? {
        guard edit.operation.hasUnit else { return nil }
        let norm = try vector().reduce(0) { $0 + $1 * $1 }.squareRoot()
        let strength = try strength()
        // A raw `add` moves by the direction as it is; the raw strength of a `clamp` is already a length.
        let length =
            edit.unit == .raw ? (edit.operation == .add ? strength * norm : strength) : try strength * measure()
        func per(_ unit: Float?) -> Double? { unit.flatMap { $0 > 0 ? length / Double($0) : nil } }
        let entry = try entry()
        return StrengthConversion(
            length: length, raw: norm > 0 ? length / norm : 0, sigma: per(entry?.sigma), headNorm: per(entry?.headNorm),
            residualNorm: per(entry?.residualNorm))
    }
}
