import ArgumentParser
import Checkpoints
import DataFiles
import Documents
import Foundation
import Tokenization
import Transformer

/// `headsteer inspect`: a model's shape, weights and fingerprint.
struct InspectCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a model's shape, the types of its weights and its fingerprint.",
        discussion: """
            The fingerprint is the SHA-256 of the configuration and of every weight. Plans record it.

            Example:
              headsteer inspect model.gguf --json
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var architecture: String
        var layers: Int
        var heads: Int
        var kvHeads: Int
        var headSize: Int
        var width: Int
        var feedForward: Int
        var vocabulary: Int
        var context: Int
        /// Nil where positions are learned.
        var ropeBase: Double?
        var tiedEmbeddings: Bool
        var parameters: Int
        var tensorTypes: [String: Int]
        var fingerprint: String
        /// Absent where the model has no tokenizer that can be used.
        var tokenizer: String?
        /// Whether the model has a chat template.
        var chatTemplate: Bool
    }

    func run(_ environment: CommandEnvironment) throws {
        let checkpoint = try Checkpoint(common.modelFiles(model.model))
        try Self.refuseVocabularyOnly(checkpoint)
        // No weights are used, so a model whose type can't be computed with can still be inspected.
        let configuration = try ModelConfiguration(checkpoint)
        let tokenizer = try? Tokenizer(checkpoint)
        let tensors = try checkpoint.tensors()
        let output = Output(
            architecture: configuration.architecture, layers: configuration.layers, heads: configuration.heads,
            kvHeads: configuration.kvHeads, headSize: configuration.headSize, width: configuration.width,
            feedForward: configuration.feedForward, vocabulary: configuration.vocabulary,
            context: configuration.context, ropeBase: configuration.rotaries.first?.base,
            tiedEmbeddings: configuration.tiedEmbeddings, parameters: tensors.reduce(0) { $0 + $1.count },
            tensorTypes: tensors.reduce(into: [:]) { $0[$1.type.name, default: 0] += 1 },
            fingerprint: try configuration.fingerprint(of: checkpoint, workers: common.makeWorkers()),
            tokenizer: tokenizer?.kind.description,
            chatTemplate: tokenizer?.chatTemplate != nil)
        if common.json {
            try environment.console.json(output)
        } else {
            environment.console.output(Self.text(output, path: model.model))
        }
    }

    /// A file that holds only a vocabulary isn't broken, so it gets an error message of its own.
    private static func refuseVocabularyOnly(_ checkpoint: Checkpoint) throws {
        guard case .gguf(let file) = checkpoint, file.tensors.isEmpty else { return }
        let vocabulary = try? Tokenizer(checkpoint)
        let holds = vocabulary.map { " (\($0.kind), \($0.vocabularyCount) tokens)" } ?? ""
        throw InputError.badData(
            "only a vocabulary\(holds) and no weights", in: file.metadata.path,
            remedy: "use it with tokenize and detokenize, or give a file that has the weights")
    }

    private static func text(_ output: Output, path: String) -> String {
        let types = output.tensorTypes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        let rows = [
            ("architecture", output.architecture),
            ("layers", "\(output.layers)"),
            ("heads", "\(output.heads) in each layer, which share \(output.kvHeads) kv heads"),
            ("head size", "\(output.headSize)"),
            ("width", "\(output.width), \(output.feedForward) in the MLP"),
            ("vocabulary", "\(output.vocabulary)" + (output.tiedEmbeddings ? ", output tied to the embedding" : "")),
            ("context", "\(output.context)"),
            ("rope base", output.ropeBase.map { NumberText.short($0) } ?? "none"),
            ("parameters", Self.grouped(output.parameters)),
            ("tensors", types),
            ("tokenizer", output.tokenizer ?? "none that can be used"),
            ("chat template", output.chatTemplate ? "yes" : "no"),
            ("fingerprint", output.fingerprint),
        ]
        return ([path] + rows.map { "  \($0.0.padding(toLength: 15, withPad: " ", startingAt: 0))\($0.1)" })
            .joined(separator: "\n")
    }

    /// The number with its digits in groups of three.
    private static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0 && index % 3 == 0 { text = " " + text }
            text = String(digit) + text
        }
        return text
    }
}
