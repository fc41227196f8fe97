import DataFiles
import Foundation

extension GGUFSettings {
    /// The rotary embedding, with the defaults of llama.cpp: all of a head, base 10,000, no scaling.
    func rotary(headSize: Int) throws -> RotaryDescription {
        let size = try integer("rope.dimension_count") ?? headSize
        return RotaryDescription(
            size: size, base: try double("rope.freq_base") ?? 10_000, scaling: try ropeScaling(size: size))
    }

    /// The scaling as llama.cpp reads it: a factor without a type is linear, a factor of 0 means none, and the type
    /// `none` is respected.
    private func ropeScaling(size: Int) throws -> RopeScaling {
        let key = "rope.scaling.factor"
        let newer = try double(key)
        // Old files have only the factor, as `rope.scale_linear`.
        let older = try double("rope.scale_linear")
        if let newer, let older, newer != older {
            throw InputError.badData(
                "factors of rope scaling that disagree (\(newer) and, as rope.scale_linear, \(older))", in: place(key),
                remedy: "fetch or convert the model again")
        }
        let factor = newer ?? older
        let scaling: RopeScaling
        switch try string("rope.scaling.type") ?? (factor == nil ? "none" : "linear") {
        case "none": scaling = .none
        case "linear":
            guard let factor else { throw missing(key) }
            guard factor >= 0, factor.isFinite else {
                throw InputError.badData(
                    "a rope scaling factor of \(factor)", in: place(key), remedy: "fetch or convert the model again")
            }
            scaling = factor == 0 || factor == 1 ? .none : .linear(factor: factor)
        case "yarn": return try yarn(factor)
        case "longrope": return try longRope(size: size)
        case let type:
            throw InputError.unsupported(
                "rope scaling of the type \(type)", in: place("rope.scaling.type"),
                remedy: "use a model with none, linear, yarn or longrope")
        }
        guard hasTensor("rope_freqs.weight") else { return scaling }
        guard scaling == .none else {
            throw InputError.badData(
                "linear rope scaling beside rope_freqs.weight", in: place("rope.scaling.type"),
                remedy: "use a model with one of them")
        }
        guard size >= 2, size <= 1 << 16 else { return scaling }
        return .divisors(try vector("rope_freqs.weight", count: size / 2))
    }

    private func yarn(_ factor: Double?) throws -> RopeScaling {
        guard let factor else { throw missing("rope.scaling.factor") }
        guard let context = try integer("rope.scaling.original_context_length") else {
            throw missing("rope.scaling.original_context_length")
        }
        guard factor >= 1, factor.isFinite, context >= 1 else {
            throw InputError.badData(
                "YaRN with the factor \(factor) and an original context of \(context)",
                in: place("rope.scaling.factor"),
                remedy: "fetch or convert the model again")
        }
        if let factor = try double("rope.scaling.yarn_ext_factor"), factor != 1 {
            throw refuse("rope.scaling.yarn_ext_factor", "a share of YaRN of \(factor)")
        }
        if let multiplier = try double("rope.scaling.yarn_log_multiplier"), multiplier != 0 {
            throw refuse("rope.scaling.yarn_log_multiplier", "a multiplier of YaRN's logarithm of \(multiplier)")
        }
        // llama.cpp multiplies the stored value by the paper's.
        let stored = try double("rope.scaling.attn_factor") ?? double("rope.scaling.yarn_attn_factor") ?? 1
        return .yarn(
            YarnScaling(
                factor: factor, originalContext: Double(context),
                fastRotations: try double("rope.scaling.yarn_beta_fast") ?? 32,
                slowRotations: try double("rope.scaling.yarn_beta_slow") ?? 1,
                magnitude: stored * (0.1 * log(factor) + 1)))
    }

    func longRope(size: Int) throws -> RopeScaling {
        guard let context = try integer("rope.scaling.original_context_length") else {
            throw missing("rope.scaling.original_context_length")
        }
        guard size >= 2, size <= 1 << 16 else { return .none }
        return .longRope(
            LongRopeScaling(
                short: try vector("rope_factors_short.weight", count: size / 2),
                long: try vector("rope_factors_long.weight", count: size / 2), originalContext: context,
                magnitude: try double("rope.scaling.attn_factor") ?? 1))
    }
}
