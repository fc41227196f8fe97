import TensorCore

/// How far values move when they are stored in a format.
enum RoundingFloor {
    /// ‖rounded − value‖ / ‖value‖ for normally distributed weights, as ggml's own quantiser rounds them
    /// (`Fixtures/comparison/rounding.py`).
    static func relative(_ format: WeightFormat) -> Double {
        switch format {
        case .f32: 0
        case .f16: 0.00021
        case .bf16: 0.0017
        case .q8_0: 0.0054
        case .q6_K: 0.0174
        case .q5_1: 0.0339
        case .q5_K: 0.0355
        case .q5_0: 0.0406
        case .q4_1: 0.0701
        case .q4_K: 0.0709
        case .iq4_NL, .iq4_XS: 0.0757
        case .q4_0: 0.0818
        case .mxfp4: 0.115
        case .iq3_S: 0.138
        case .q3_K: 0.145
        case .iq3_XXS: 0.183
        case .iq2_S: 0.249
        case .q2_K: 0.269
        case .iq2_XS: 0.3
        case .iq2_XXS: 0.345
        case .iq1_M: 0.452
        case .iq1_S: 0.486
        case .tq1_0, .tq2_0: 0.809
        }
    }

    /// The largest relative change that rounding to both formats may explain, with room for weights with heavier tails.
    static func most(_ formats: OfBoth<WeightFormat>) -> Double {
        let (a, b) = (relative(formats.a), relative(formats.b))
        return 2 * (a * a + b * b).squareRoot()
    }
}
