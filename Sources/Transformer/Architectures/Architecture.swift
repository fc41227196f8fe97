import Checkpoints
import DataFiles
import TensorCore

/// A family of models: how its checkpoints spell what the runtime needs to know.
///
/// A family is one file in `Families`. It says which names it goes by, reads the settings of both kinds of checkpoint into a
/// ``ModelConfiguration``, and says how its tensors lie. Everything else of this module works on that description.
protocol Architecture {
    /// `general.architecture` of its GGUF files.
    static var ggufNames: [String] { get }
    /// `model_type` of its `config.json`, with the classes that `architectures` may name beside it.
    static var huggingFaceNames: [String: [String]] { get }

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription
    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription
}

/// What a family reads off a checkpoint.
struct ModelDescription {
    var configuration: ModelConfiguration
    var layout: TensorLayout
}

/// The families that the runtime runs.
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
    /// - Throws: `InputError` of the kind `.unsupported` where no family has the checkpoint's name; of the kind `.badData` where a
    ///   setting is missing, absurd, or not understood.
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
    /// Reads what a checkpoint says of its model. No weights are used, so they may be of a type that none can be used of.
    ///
    /// - Throws: `InputError` where the architecture is not supported, or a setting is missing, absurd or not understood.
    public init(_ checkpoint: Checkpoint) throws { self = try Architectures.describe(checkpoint).configuration }

    /// The fingerprint of a checkpoint of this configuration; see ``LanguageModel/fingerprint(workers:)``.
    ///
    /// - Parameter letsPagesGo: whether the file's pages leave resident memory again, where copies of the weights are used.
    public func fingerprint(
        of checkpoint: Checkpoint, workers: WorkerPool, letsPagesGo: Bool = false
    ) throws -> String {
        try checkpoint.fingerprint(configuration: canonicalText, workers: workers, letsPagesGo: letsPagesGo)
    }
}
