import ArgumentParser

/// The sizes of a model to generate.
struct ModelShape: Equatable, Sendable {
    var name: String
    var layers: Int
    var width: Int
    var heads: Int
    var kvHeads: Int
    var headSize: Int
    var feedForward: Int
    var vocabulary: Int
    var context: Int
    var ropeBase: Float
    var tiedEmbeddings: Bool

    /// The sizes of well-known models, from their `config.json`.
    static let known: [ModelShape] = [
        ModelShape(
            name: "smollm2-135m", layers: 30, width: 576, heads: 9, kvHeads: 3, headSize: 64, feedForward: 1536,
            vocabulary: 49152, context: 8192, ropeBase: 100_000, tiedEmbeddings: true),
        ModelShape(
            name: "smollm2-360m", layers: 32, width: 960, heads: 15, kvHeads: 5, headSize: 64, feedForward: 2560,
            vocabulary: 49152, context: 8192, ropeBase: 100_000, tiedEmbeddings: true),
        ModelShape(
            name: "tinyllama-1.1b", layers: 22, width: 2048, heads: 32, kvHeads: 4, headSize: 64, feedForward: 5632,
            vocabulary: 32000, context: 2048, ropeBase: 10_000, tiedEmbeddings: false),
        // Its rope scaling is left out, because it changes no sizes.
        ModelShape(
            name: "llama-3.2-1b", layers: 16, width: 2048, heads: 32, kvHeads: 8, headSize: 64, feedForward: 8192,
            vocabulary: 128_256, context: 131_072, ropeBase: 500_000, tiedEmbeddings: true),
        ModelShape(
            name: "llama-3.2-3b", layers: 28, width: 3072, heads: 24, kvHeads: 8, headSize: 128, feedForward: 8192,
            vocabulary: 128_256, context: 131_072, ropeBase: 500_000, tiedEmbeddings: true),
        ModelShape(
            name: "llama-2-7b", layers: 32, width: 4096, heads: 32, kvHeads: 32, headSize: 128, feedForward: 11008,
            vocabulary: 32000, context: 4096, ropeBase: 10_000, tiedEmbeddings: false),
        ModelShape(
            name: "llama-3-8b", layers: 32, width: 4096, heads: 32, kvHeads: 8, headSize: 128, feedForward: 14336,
            vocabulary: 128_256, context: 8192, ropeBase: 500_000, tiedEmbeddings: false),
    ]
}

extension ModelShape: ExpressibleByArgument {
    init?(argument: String) {
        guard let shape = Self.known.first(where: { $0.name == argument.lowercased() }) else { return nil }
        self = shape
    }

    static var allValueStrings: [String] { known.map(\.name) }
    var defaultValueDescription: String { name }
}
