import DataFiles
import Foundation

extension HuggingFaceSettings {
    /// The rotary embedding, in either of transformers' spellings: `rope_parameters`, or `rope_theta` and
    /// `rope_scaling`.
    ///
    /// - Parameters:
    ///   - base: the base if no field gives it.
    ///   - context: `max_position_embeddings`.
    ///   - share: the share of a head's values that are rotated, if no field gives it.
    ///   - layerType: the entry of `rope_parameters`, in families that have one for each type of layer.
    func rotary(
        headSize: Int, base: Double, context: Int, share standard: Double = 1, layerType: String? = nil
    ) throws -> RotaryDescription {
        var newer = try object("rope_parameters")
        if let layerType, let outer = newer { newer = try outer.object(layerType) ?? outer }
        let older = try object("rope_scaling")
        let oldBase = try double("rope_theta")
        // The older spelling has nothing for windowed layers.
        if let newer, let older, layerType != "sliding_attention" { try agree(newer, older) }
        let newBase = try newer?.double("rope_theta") ?? older?.double("rope_theta")
        if let newBase, let oldBase, newBase != oldBase {
            throw InputError.badData(
                "rotary bases that disagree (\(oldBase), and \(newBase) beside the scaling)", in: "\(path): rope_theta",
                remedy: "correct the one that is wrong")
        }
        let rope = newer ?? older
        let share = try double("partial_rotary_factor")
        let innerShare = try rope?.double("partial_rotary_factor")
        if let share, let innerShare, share != innerShare {
            throw InputError.badData(
                "shares of rotated values that disagree (\(share) and \(innerShare))",
                in: "\(path): partial_rotary_factor", remedy: "correct the one that is wrong")
        }
        let size = Int(Double(headSize) * (share ?? innerShare ?? standard))
        return RotaryDescription(
            size: size, base: newBase ?? oldBase ?? base,
            scaling: try rope.map { try ropeScaling($0, size: size, context: context) } ?? .none)
    }

    /// Checks that both spellings agree if a file has both.
    private func agree(_ newer: JSONObject, _ older: JSONObject) throws {
        let types = [try newer.string("rope_type"), try older.string("rope_type") ?? older.string("type")]
        let factors = [try newer.double("factor"), try older.double("factor")]
        guard types[0] ?? "default" == types[1] ?? "default", factors[0] == factors[1] else {
            throw InputError.badData(
                "rope_parameters and rope_scaling that disagree", in: path, remedy: "correct the one that is wrong")
        }
    }

    private func ropeScaling(_ rope: JSONObject, size: Int, context: Int) throws -> RopeScaling {
        let newType = try rope.string("rope_type")
        let oldType = try rope.string("type")
        if let newType, let oldType, newType != oldType {
            throw InputError.badData(
                "types of rope scaling that disagree (\(newType) and \(oldType))", in: rope.place,
                remedy: "correct the one that is wrong")
        }
        let type = newType ?? oldType ?? "default"
        let known: Set<String> = [
            "rope_type", "type", "rope_theta", "partial_rotary_factor", "factor", "original_max_position_embeddings",
            "low_freq_factor", "high_freq_factor", "attention_factor", "beta_fast", "beta_slow", "truncate",
            "short_factor", "long_factor", "mscale", "mscale_all_dim",
        ]
        for key in rope.keys where !known.contains(key) && rope.has(key) {
            throw InputError.unsupported(
                "a field that is not understood, and may change what the model computes", in: "\(rope.place): \(key)",
                remedy: "use a model without it")
        }
        switch type {
        case "default": return .none
        case "linear": return .linear(factor: try positive("factor", rope))
        case "llama3":
            let low = try positive("low_freq_factor", rope)
            let high = try positive("high_freq_factor", rope)
            guard high > low else { throw rope.wrong("high_freq_factor", "greater than low_freq_factor") }
            return .llama3(
                factor: try positive("factor", rope), lowFrequencyFactor: low, highFrequencyFactor: high,
                originalContext: try originalContext(rope) ?? Double(context))
        case "yarn": return .yarn(try yarn(rope, context: context))
        case "longrope", "su": return .longRope(try longRope(rope, size: size, context: context))
        default:
            throw InputError.unsupported(
                "rope scaling of the type \(type)", in: rope.place,
                remedy: "use a model with default, linear, llama3, yarn or longrope")
        }
    }

    private func positive(_ key: String, _ rope: JSONObject) throws -> Double {
        guard let value = try rope.double(key) else { throw rope.missing(key) }
        guard value > 0 else { throw rope.wrong(key, "a positive number") }
        return value
    }

    /// Phi 3 has this field beside the rope's fields, other families inside them.
    private func originalContext(_ rope: JSONObject) throws -> Double? {
        let key = "original_max_position_embeddings"
        let outer = try double(key)
        if rope.has(key) {
            let inner = try positive(key, rope)
            if let outer, outer != inner {
                throw InputError.badData(
                    "original contexts that disagree (\(outer) and \(inner))", in: "\(path): \(key)",
                    remedy: "correct the one that is wrong")
            }
            return inner
        }
        return outer
    }

    private func yarn(_ rope: JSONObject, context: Int) throws -> YarnScaling {
        let original = try originalContext(rope) ?? Double(context)
        let factor = rope.has("factor") ? try positive("factor", rope) : Double(context) / original
        func magnitude(_ scale: Double, _ multiplier: Double = 1) -> Double {
            scale <= 1 ? 1 : 0.1 * multiplier * log(scale) + 1
        }
        var standard = magnitude(factor)
        if let all = try rope.double("mscale_all_dim"), let one = try rope.double("mscale"), all != 0, one != 0 {
            standard = magnitude(factor, one) / magnitude(factor, all)
        }
        return YarnScaling(
            factor: factor, originalContext: original, fastRotations: try rope.double("beta_fast") ?? 32,
            slowRotations: try rope.double("beta_slow") ?? 1,
            magnitude: try rope.double("attention_factor") ?? standard, roundsEnds: try rope.bool("truncate") ?? true)
    }

    private func longRope(_ rope: JSONObject, size: Int, context: Int) throws -> LongRopeScaling {
        func divisors(_ key: String) throws -> [Float] {
            guard let values = try rope.doubles(key) else { throw rope.missing(key) }
            guard values.count == size / 2, values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
                throw rope.wrong(key, "a list of \(size / 2) positive numbers")
            }
            return values.map { Float($0) }
        }
        guard let original = try originalContext(rope), original >= 2, original <= 1e9 else {
            throw rope.missing("original_max_position_embeddings")
        }
        let factor = try rope.double("factor") ?? Double(context) / original
        let standard = factor <= 1 ? 1 : (1 + log(factor) / log(original)).squareRoot()
        return LongRopeScaling(
            short: try divisors("short_factor"), long: try divisors("long_factor"), originalContext: Int(original),
            magnitude: try rope.double("attention_factor") ?? standard)
    }
}
