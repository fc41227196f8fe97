import Checkpoints
import DataFiles

/// The planted model: a Llama-2 architecture whose weights are partly designed, partly seeded noise.
///
/// The designed parts are: a bigram grammar in the embedding and the output matrix (`TokenTables`); two heads that
/// collect the mood of the words in the context (`AttentionTables`); and one unit of the last MLP that passes it on at
/// mood slots (`FeedForwardTables`). Everything else is noise that neither reads nor writes the mood.
struct PlantedDesign {
    let vocabulary: Vocabulary
    let tokens: TokenTables
    let attention: [AttentionTables]
    let feedForward: [FeedForwardTables]
    private let seed: UInt64

    /// - Parameter carriers: the heads that carry the mood; with other heads, it is easier or harder to move.
    init(seed: UInt64, carriers: [PlantedHead] = PlantedHead.standard) {
        let groups = Lexicon.groups
        let words = groups.flatMap { group in group.words + group.pairs.flatMap { [$0.cheerful, $0.gloomy] } }
        precondition(Set(words).count == words.count, "Each word has one place in the grammar.")
        let states = groups.flatMap { [$0.state, $0.next] }
        self.seed = seed
        self.vocabulary = Vocabulary(words: words)
        self.tokens = TokenTables(
            vocabulary: vocabulary, codes: StateCodes(states: states, seed: seed), seed: seed)
        self.attention = (0..<Shape.layers).map { AttentionTables(layer: $0, carriers: carriers, seed: seed) }
        self.feedForward = (0..<Shape.layers).map { FeedForwardTables(layer: $0, seed: seed) }
    }

    /// The file's metadata and tensors.
    func writer() -> GGUFWriter {
        var tensors = [tokens.embedding.halfTensor("token_embd.weight")]
        for layer in 0..<Shape.layers {
            let block = "blk.\(layer)."
            tensors.append(.vector(block + "attn_norm.weight", norm(2 * layer)))
            tensors.append(attention[layer].query.halfTensor(block + "attn_q.weight"))
            tensors.append(attention[layer].key.halfTensor(block + "attn_k.weight"))
            tensors.append(attention[layer].value.halfTensor(block + "attn_v.weight"))
            tensors.append(attention[layer].output.halfTensor(block + "attn_output.weight"))
            tensors.append(.vector(block + "ffn_norm.weight", norm(2 * layer + 1)))
            tensors.append(feedForward[layer].gate.halfTensor(block + "ffn_gate.weight"))
            tensors.append(feedForward[layer].up.halfTensor(block + "ffn_up.weight"))
            tensors.append(feedForward[layer].down.halfTensor(block + "ffn_down.weight"))
        }
        tensors.append(.vector("output_norm.weight", norm(2 * Shape.layers)))
        tensors.append(tokens.output.halfTensor("output.weight"))
        return GGUFWriter(metadata: metadata(), tensors: tensors)
    }

    /// The weights of a norm: 1, with a little noise for the coordinates that hold only noise and grammar.
    private func norm(_ index: Int) -> [Float] {
        var source = NoiseSource(seed: seed, stream: UInt64(2000 + index))
        var weights = [Float](repeating: 1, count: ResidualLayout.width)
        for column in ResidualLayout.writable { weights[column] += source.weight(deviation: 0.05) }
        return weights
    }

    private func metadata() -> [(key: String, value: GGUFWriterValue)] {
        [
            ("general.architecture", .string("llama")),
            ("general.name", .string("Planted mood model (seed \(seed))")),
            ("general.license", .string("apache-2.0")),
            ("general.file_type", .uint32(1)),
            ("llama.block_count", .uint32(UInt32(Shape.layers))),
            ("llama.context_length", .uint32(UInt32(Shape.context))),
            ("llama.embedding_length", .uint32(UInt32(ResidualLayout.width))),
            ("llama.feed_forward_length", .uint32(UInt32(Shape.feedForward))),
            ("llama.attention.head_count", .uint32(UInt32(Shape.heads))),
            ("llama.attention.head_count_kv", .uint32(UInt32(Shape.heads))),
            ("llama.attention.layer_norm_rms_epsilon", .float32(Shape.normEpsilon)),
            ("llama.rope.dimension_count", .uint32(UInt32(Shape.headSize))),
            ("llama.rope.freq_base", .float32(Shape.ropeBase)),
            ("llama.vocab_size", .uint32(UInt32(vocabulary.tokens.count))),
        ] + vocabulary.metadata()
    }
}
