import Checkpoints
import DataFiles

extension ModelConfiguration {
    /// The architectures that this runtime runs, by their names in GGUF files and in `config.json`.
    public static let supportedArchitectures = ["llama"]

    /// Reads the configuration from a GGUF file's metadata.
    ///
    /// - Throws: `InputError` where the architecture is not supported, or a key is missing or absurd.
    public init(gguf: GGUFFile) throws {
        let metadata = gguf.metadata
        let path = metadata.path
        guard let architecture = try metadata.string("general.architecture") else {
            throw Self.missing("general.architecture", path)
        }
        guard Self.supportedArchitectures.contains(architecture) else {
            throw Self.unsupported(architecture, place: "\(path): general.architecture")
        }
        func integer(_ key: String) throws -> Int? { try metadata.integer("\(architecture).\(key)") }
        func required(_ key: String) throws -> Int {
            guard let value = try integer(key) else { throw Self.missing("\(architecture).\(key)", path) }
            return value
        }
        if let experts = try integer("expert_count"), experts > 0 {
            throw Self.unsupported("\(architecture) with \(experts) experts", place: path)
        }

        let heads = try required("attention.head_count")
        let width = try required("embedding_length")
        guard let embedding = gguf.tensors.first(where: { $0.name == "token_embd.weight" }) else {
            throw InputError.badData(
                "no weights, only a vocabulary (there is no tensor token_embd.weight)", in: path,
                remedy: "give a whole model; a vocabulary can only tokenize")
        }
        self.architecture = architecture
        self.layers = try required("block_count")
        self.heads = heads
        self.kvHeads = try integer("attention.head_count_kv") ?? heads
        self.headSize = try integer("attention.key_length") ?? (heads > 0 ? width / heads : 0)
        self.width = width
        self.feedForward = try required("feed_forward_length")
        self.vocabulary = embedding.shape[0]
        self.context = try required("context_length")
        self.normEpsilon = Float(try metadata.double("\(architecture).attention.layer_norm_rms_epsilon") ?? 1e-5)
        self.ropeBase = try metadata.double("\(architecture).rope.freq_base") ?? 10_000
        self.ropeScaling = try Self.ropeScaling(gguf: gguf, architecture: architecture)
        self.tiedEmbeddings = !gguf.tensors.contains { $0.name == "output.weight" }
        try validate(place: path)

        if let rotated = try integer("rope.dimension_count"), rotated != headSize {
            throw InputError.badData(
                "a rotary embedding of \(rotated) of the \(headSize) values of a head",
                in: "\(path): \(architecture).rope.dimension_count", remedy: "use a model that rotates whole heads")
        }
        if let valueSize = try integer("attention.value_length"), valueSize != headSize {
            throw InputError.badData(
                "values of the size \(valueSize) beside keys of \(headSize)",
                in: "\(path): \(architecture).attention.value_length",
                remedy: "use a model whose keys and values have the same size")
        }
    }

    /// As llama.cpp reads it: a factor without a type is linear, a factor of 0 means none, the type `none` counts.
    private static func ropeScaling(gguf: GGUFFile, architecture: String) throws -> RopeScaling {
        let typeKey = "\(architecture).rope.scaling.type"
        let key = "\(architecture).rope.scaling.factor"
        // Old files have the factor alone, as `rope.scale_linear`.
        let factor = try gguf.metadata.double(key) ?? gguf.metadata.double("\(architecture).rope.scale_linear")
        let scaling: RopeScaling
        switch try gguf.metadata.string(typeKey) ?? (factor == nil ? "none" : "linear") {
        case "none": scaling = .none
        case "linear":
            guard let factor else { throw missing(key, gguf.metadata.path) }
            guard factor >= 0, factor.isFinite else {
                throw InputError.badData(
                    "a rope scaling factor of \(factor)", in: "\(gguf.metadata.path): \(key)",
                    remedy: "fetch or convert the model again")
            }
            scaling = factor == 0 || factor == 1 ? .none : .linear(factor: factor)
        case let type:
            throw InputError.badData(
                "rope scaling of the type \(type)", in: "\(gguf.metadata.path): \(typeKey)",
                remedy: "use a model with none, linear or llama3")
        }
        guard gguf.tensors.contains(where: { $0.name == "rope_freqs.weight" }) else { return scaling }
        guard scaling == .none else {
            throw InputError.badData(
                "linear rope scaling beside rope_freqs.weight", in: "\(gguf.metadata.path): \(typeKey)",
                remedy: "use a model with one of them")
        }
        // The values are read with the weights, where their number is checked.
        return .divisors([])
    }

    private static func missing(_ key: String, _ path: String) -> InputError {
        .badData("no value for \(key)", in: path, remedy: "fetch or convert the model again")
    }

    static func unsupported(_ architecture: String, place: String) -> InputError {
        .badData(
            "the architecture \(architecture), which is not supported", in: place,
            remedy: "use one of: \(supportedArchitectures.joined(separator: ", "))")
    }
}
