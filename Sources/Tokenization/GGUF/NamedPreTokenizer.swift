import DataFiles

/// A pre-tokenizer that GGUF files name in `tokenizer.ggml.pre`, with what llama.cpp ties to the name.
struct NamedPreTokenizer {
    var preTokenizer: PreTokenizer
    /// Whether a word that is a token as a whole is that token, whatever the merges say.
    var ignoresMerges = false
    /// Whether a beginning-of-sequence token is added where the file doesn't say.
    var addsBeginning = false

    private struct Group {
        var names: [String]
        var stages: [PreTokenizerStage]
        var ignoresMerges = false
        var addsBeginning = false
    }

    private static let groups: [Group] = [
        Group(
            names: [
                "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4", "gigachat",
                "mellum", "a.x-4.0", "roberta-bpe", "modern-bert",
            ],
            stages: [.gpt2]),
        Group(
            names: [
                "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2",
            ],
            stages: [.numbers(digits: 1), .gpt2]),
        Group(
            names: [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
            ],
            stages: [.modern(digits: 3, foldsLongS: false)], ignoresMerges: true, addsBeginning: true),
        Group(
            names: ["dbrx", "smaug-bpe", "chatglm-bpe", "glm4"], stages: [.modern(digits: 3, foldsLongS: false)]),
        Group(
            names: [
                "qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "kormo", "solar-open", "grok-2",
            ],
            stages: [.modern(digits: 1, foldsLongS: false)]),
        Group(
            names: ["default"],
            stages: [.punctuation(withBacktick: false), .gpt2, .numbers(digits: .max), .digitTriples]),
        Group(names: ["falcon"], stages: [.punctuation(withBacktick: true), .gpt2, .digitTriples]),
    ]

    /// The names that are supported.
    static var names: [String] { groups.flatMap(\.names) }

    /// - Parameters:
    ///   - name: what the file says; a file that says nothing means `default`.
    ///   - place: the file and the key, for messages.
    /// - Throws: `InputError` for a name that is not supported.
    static func named(_ name: String, place: String) throws -> NamedPreTokenizer {
        guard let group = groups.first(where: { $0.names.contains(name) }) else {
            throw InputError.badData(
                "the pre-tokenizer \(name) is not supported", in: place,
                remedy: "use a model with one of \(names.joined(separator: ", "))")
        }
        return NamedPreTokenizer(
            preTokenizer: PreTokenizer(stages: group.stages), ignoresMerges: group.ignoresMerges,
            addsBeginning: group.addsBeginning)
    }
}
