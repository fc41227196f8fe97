import Checkpoints
import DataFiles
import TensorCore

/// A family of models: how its checkpoints store what the runtime needs to know.
///
/// A family is one file in `Families`. It lists its names, reads the settings of both kinds of checkpoint into a
/// ``ModelConfiguration``, and describes how its tensors are stored. Everything else in this module works on that
/// description.
protocol Architecture {
    /// The values of `general.architecture` in its GGUF files.
    static var ggufNames: [String] { get }
    /// The values of `model_type` in its `config.json`, with the classes that `architectures` may name beside each.
    static var huggingFaceNames: [String: [String]] { get }

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription
    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription
}

/// What a family reads from a checkpoint.
struct ModelDescription {
    var configuration: ModelConfiguration
    var layout: TensorLayout
}

/// The families that the runtime supports.
enum Architectures {
    static var all: [any Architecture.Type] {
        [
            Llama.self, Mistral.self, Qwen2.self, Qwen3.self, Gemma3.self, Gemma2.self, Phi3.self, SmolLM3.self,
            OLMo2.self, Granite.self, GPT2.self, GPTNeoX.self, Mixtral.self, Qwen3MoE.self, OLMoE.self, GPTOSS.self,
            StableLM.self, Nemotron.self,
        ]
    }

    /// Describes the model of a checkpoint.
    ///
    /// - Throws: `InputError` of the kind `.unsupported` if no family has the checkpoint's name; of the kind `.badData`
    ///   if a setting is missing, absurd, or not understood.
    static func describe(_ checkpoint: Checkpoint) throws -> ModelDescription {
        switch checkpoint {
        case .gguf(let file):
            let settings = try GGUFSettings(file)
            guard let family = all.first(where: { $0.ggufNames.contains(settings.architecture) }) else {
                throw unsupported(settings.architecture, place: "\(file.metadata.path): general.architecture")
            }
            let description = try family.describe(settings)
            try settings.refuseUnread()
            try description.configuration.validate(path: file.metadata.path)
            return description
        case .huggingFace(let folder):
            let settings = HuggingFaceSettings(folder)
            let type = try settings.string("model_type") ?? "none"
            let classes = try settings.strings("architectures") ?? []
            guard let family = all.first(where: { $0.huggingFaceNames[type] != nil }) else {
                throw unsupported(type, place: settings.path)
            }
            guard classes.allSatisfy({ family.huggingFaceNames[type]?.contains($0) ?? false }) else {
                throw unsupported(classes.joined(separator: ", "), place: settings.path)
            }
            let description = try family.describe(settings)
            try settings.refuseUnread()
            try description.configuration.validate(path: settings.path)
            return description
        }
    }

    /// The names of all families, for messages and documentation.
    static var names: [String] {
        all.flatMap { $0.ggufNames + $0.huggingFaceNames.keys.sorted() }.reduce(into: []) { names, name in
            if !names.contains(name) { names.append(name) }
        }
    }

    private static func unsupported(_ name: String, place: String) -> InputError {
        .unsupported(
            "the architecture \(name), which is not supported", in: place,
            remedy: "use one of: \(names.joined(separator: ", "))")
    }
}

extension ModelConfiguration {
    /// Reads a model's configuration from a checkpoint.
    ///
    /// No weights are used, so they may be of a type that can't be used.
    ///
    /// - Throws: `InputError` if the architecture is not supported, or a setting is missing, absurd or not understood.
    public init(_ checkpoint: Checkpoint) throws { self = try Architectures.describe(checkpoint).configuration }

    /// The fingerprint of a checkpoint of this configuration; see ``LanguageModel/fingerprint(workers:)``.
    ///
    /// - Parameter letsPagesGo: whether to drop the file's pages from resident memory again, for models that use copies
    ///   of the weights.
    public func fingerprint(
        of checkpoint: Checkpoint, workers: WorkerPool, letsPagesGo: Bool = false
    ) throws -> String {
        try checkpoint.fingerprint(configuration: canonicalText, workers: workers, letsPagesGo: letsPagesGo)
    }
}
