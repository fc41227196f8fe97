import TensorCore

/// How far values move when they are stored in a format.
enum RoundingFloor {
    /// ‖rounded − value‖ / ‖value‖ for normally distributed weights, as ggml's own quantiser rounds them
    /// (`Fixtures/comparison/rounding.py`).
    static func relative(_ format: WeightFormat) -> Double {
        switch format {
        case .f32: 0
        case .f16: 2e-4
        case .bf16: 1.7e-3
        case .q8_0: 0.006
        case .q6_K: 0.019
        case .q5_K, .q5_1, .q5_0: 0.045
        case .q4_K, .q4_1, .q4_0, .iq4_NL, .iq4_XS: 0.095
        case .mxfp4: 0.15
        case .q3_K, .iq3_S, .iq3_XXS: 0.2
        case .q2_K, .iq2_S, .iq2_XS, .iq2_XXS: 0.35
        case .iq1_S, .iq1_M, .tq1_0, .tq2_0: 0.6
        }
    }

    /// The largest relative change that rounding to both formats may explain, with room for weights of heavier tails.
    static func most(_ formats: OfBoth<WeightFormat>) -> Double {
        let (a, b) = (relative(formats.a), relative(formats.b))
        return 2 * (a * a + b * b).squareRoot()
    }
}
