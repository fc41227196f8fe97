import DataFiles

/// A pre-tokenizer that GGUF files name in `tokenizer.ggml.pre`, with the settings that llama.cpp ties to the name.
struct NamedPreTokenizer {
    var preTokenizer: PreTokenizer
    /// Whether a word that is itself a token becomes that token, whatever the merges say.
    var ignoresMerges = false
    /// Whether a beginning-of-sequence token is added if the file doesn't say.
    var addsBeginning = false

    /// The supported names.
    static var names: [String] { LlamaCppPatterns.groups.flatMap(\.names) }

    /// - Parameters:
    ///   - name: the name in the file; a file without one means `default`.
    ///   - place: the file and the key, for error messages.
    /// - Throws: `InputError` for a name that is not supported.
    static func named(_ name: String, place: String) throws -> NamedPreTokenizer {
        guard let group = LlamaCppPatterns.groups.first(where: { $0.names.contains(name) }) else {
            throw InputError.unsupported(
                "the pre-tokenizer \(name) is not supported", in: place,
                remedy: "use a model with one of \(names.joined(separator: ", "))")
        }
        return NamedPreTokenizer(
            preTokenizer: PreTokenizer(stages: try group.patterns.map { try KnownPattern.isolated($0) }),
            ignoresMerges: group.ignoresMerges, addsBeginning: group.addsBeginning)
    }
}
