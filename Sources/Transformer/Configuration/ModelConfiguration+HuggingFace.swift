import Checkpoints
import DataFiles

extension ModelConfiguration {
    /// Reads the configuration from a Hugging Face folder's `config.json`.
    ///
    /// - Throws: `InputError` where the architecture is not supported, or a field is missing or absurd.
    public init(huggingFace folder: HuggingFaceFolder) throws {
        let json = folder.configuration
        func required(_ key: String) throws -> Int {
            guard let value = try json.integer(key) else { throw json.missing(key) }
            return value
        }
        let names = try json.strings("architectures") ?? []
        let type = try json.string("model_type") ?? "none"
        guard type == "llama", names.allSatisfy({ $0 == "LlamaForCausalLM" }) else {
            throw Self.unsupported(type == "llama" ? names.joined(separator: ", ") : type, place: json.place)
        }
        let activation = try json.string("hidden_act") ?? "silu"
        guard activation == "silu" || activation == "swish" else {
            throw InputError.badData(
                "the activation \(activation)", in: json.place, remedy: "use a model with silu, as Llama has")
        }
        if let share = try json.double("partial_rotary_factor"), share != 1 {
            throw InputError.badData(
                "a rotary embedding of \(share) of a head's values", in: "\(json.place): partial_rotary_factor",
                remedy: "use a model that rotates whole heads")
        }
        let heads = try required("num_attention_heads")
        self.architecture = type
        self.layers = try required("num_hidden_layers")
        self.heads = heads
        self.kvHeads = try json.integer("num_key_value_heads") ?? heads
        self.width = try required("hidden_size")
        self.headSize = try json.integer("head_dim") ?? (heads > 0 ? width / heads : 0)
        self.feedForward = try required("intermediate_size")
        self.vocabulary = try required("vocab_size")
        self.context = try json.integer("max_position_embeddings") ?? 2048
        self.normEpsilon = Float(try json.double("rms_norm_eps") ?? 1e-6)
        self.tiedEmbeddings = try json.bool("tie_word_embeddings") ?? false
        // Since transformers 5 the rotary parameters lie together; before, the base stood alone.
        let rope = try json.object("rope_parameters") ?? json.object("rope_scaling")
        self.ropeBase = try rope?.double("rope_theta") ?? json.double("rope_theta") ?? 10_000
        let context = self.context
        self.ropeScaling = try rope.map { try Self.ropeScaling($0, context: context) } ?? .none
        try validate(place: json.place)
    }

    private static func ropeScaling(_ rope: JSONObject, context: Int) throws -> RopeScaling {
        func positive(_ key: String) throws -> Double {
            guard let value = try rope.double(key) else { throw rope.missing(key) }
            guard value > 0 else { throw rope.wrong(key, "a positive number") }
            return value
        }
        let type = try rope.string("rope_type") ?? rope.string("type") ?? "default"
        switch type {
        case "default": return .none
        case "linear": return .linear(factor: try positive("factor"))
        case "llama3":
            let low = try positive("low_freq_factor")
            let high = try positive("high_freq_factor")
            guard high > low else { throw rope.wrong("high_freq_factor", "greater than low_freq_factor") }
            return .llama3(
                factor: try positive("factor"), lowFrequencyFactor: low, highFrequencyFactor: high,
                originalContext: try rope.has("original_max_position_embeddings")
                    ? positive("original_max_position_embeddings") : Double(context))
        default:
            throw InputError.badData(
                "rope scaling of the type \(type)", in: rope.place,
                remedy: "use a model with default, linear or llama3")
        }
    }
}
