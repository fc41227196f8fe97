import DataFiles
import DataSets
import Directions
import Statistics
import TensorCore
import Tokenization
import Transformer

/// What a page shows that takes the model: projections of tokens, attention patterns, what heads write, texts under a plan.
public struct ModelReadings {
    /// The model that reads.
    public let model: LanguageModel
    /// Its tokenizer.
    public let tokenizer: Tokenizer
    /// The threads that the work is done on.
    public let workers: WorkerPool
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    /// The most texts: more are thinned out evenly.
    public static let mostTexts = 200
    /// The most tokens that are shown of a text: its last ones.
    public static let mostTokens = 192
    /// What attention patterns of all texts may take, in bytes.
    static let patternBytes = 2_700_000

    /// A reader that stops when its task is cancelled.
    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    private var c: ModelConfiguration { model.configuration }

    /// As many texts as a page shows, evenly spaced.
    public static func thinned<Text>(_ texts: [Text], to most: Int = mostTexts) -> [Text] {
        texts.evenly(most)
    }

    /// As many texts as a page shows: of each class its share, evenly spaced, in their order. Rows of a file often alternate
    /// between the classes, so that even steps over all of them would find one class alone.
    public static func thinned(_ texts: [PreparedText], to most: Int = mostTexts) -> [PreparedText] {
        guard texts.count > most else { return texts }
        let classes = [true, false].map { label in texts.indices.filter { texts[$0].label == label } }
        let first = (most * classes[0].count + texts.count / 2) / texts.count
        return (thinned(classes[0], to: first) + thinned(classes[1], to: most - first)).sorted().map { texts[$0] }
    }

    /// Takes texts through the model, and puts their scores, their tokens' projections and some attention patterns into the
    /// contents.
    ///
    /// - Parameters:
    ///   - directions: of the heads; others have no scores.
    ///   - patterns: of how many texts.
    ///   - onProgress: called with the number of texts done; what it throws ends the work.
    /// - Throws: `InputError` if a text is longer than the context, a direction is of another size or z isn't finite;
    ///   `CancellationError`.
    public func read(
        _ texts: [PreparedText], along directions: DirectionFile, thresholds: [Head: Double] = [:], patterns: Int = 3,
        into contents: inout ViewContents, onProgress: (Int) throws -> Void = { _ in }
    ) throws {
        let scales = try scales(directions, thresholds)
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        let patterned = patternTexts(texts, count: patterns)
        var projections: [[[Float]]] = []
        var items: [ViewedTexts.Item] = []
        for (index, text) in texts.enumerated() {
            let shown = Self.shown(text)
            let size = patterned.contains(index) ? patternSize(patterned.count, of: text.tokens.count) : 0
            let (own, weights) = try pass(text, scales, patternTokens: size, run)
            if let head = own.firstIndex(where: { !$0.allSatisfy(\.isFinite) }) {
                throw InputError(
                    .notFinite, "NaN or infinite z at head \(head / c.heads).\(head % c.heads) on text \(index + 1)",
                    in: "the model", remedy: "check its weights, and the directions that z is set against")
            }
            projections.append(own.map { Array($0[shown]) })
            items.append(
                ViewedTexts.Item(
                    tokens: try text.tokens[shown].map { contents.pieces.place(try tokenizer.piece($0)) },
                    read: text.positions.lowerBound - shown.lowerBound..<text.positions.upperBound - shown.lowerBound,
                    label: text.label, line: text.line > 0 ? text.line : nil))
            if let weights {
                contents.patterns.append(
                    AttentionPattern(
                        text: index, tokens: size,
                        note: size == text.tokens.count ? "" : "The first \(size) of its \(text.tokens.count) tokens.",
                        weights))
            }
            try onProgress(index + 1)
        }
        contents.texts = ViewedTexts(items: items)
        fill(&contents, projections, texts: texts)
    }

    /// The last tokens of a text, and those that are read.
    private static func shown(_ text: PreparedText) -> Range<Int> {
        let first = min(max(0, text.tokens.count - mostTokens), text.positions.lowerBound)
        return first..<min(first + max(mostTokens, text.positions.upperBound - first), text.tokens.count)
    }

    /// Scores of texts, and the tokens of each head's highest and lowest.
    /// - Parameter projections: [texts][heads][shown tokens].
    private func fill(_ contents: inout ViewContents, _ projections: [[[Float]]], texts: [PreparedText]) {
        let reads = zip(texts, projections).map { text, _ in
            let first = Self.shown(text).lowerBound
            return text.positions.lowerBound - first..<text.positions.upperBound - first
        }
        let scores = (0..<c.layers * c.heads).map { head in
            projections.indices.map { text -> Double in
                let read = projections[text][head][reads[text]]
                return read.reduce(0.0) { $0 + Double($1) } / Double(read.count)
            }
        }
        contents.scores = TextScores(what: HeadScale.text, scores)
        let picks = scores.map { TokenProjections.picks($0) }
        contents.projections = TokenProjections(
            picks: picks,
            picks.enumerated().map { head, texts in texts.flatMap { projections[$0][head].map(Double.init) } })
    }

    /// How each head is scored.
    ///
    /// - Throws: `InputError` if a direction isn't of the model's size.
    func scales(_ directions: DirectionFile, _ thresholds: [Head: Double] = [:]) throws -> [HeadScale?] {
        let scales = HeadScale.all(directions, thresholds: thresholds, layers: c.layers, heads: c.heads)
        for (index, scale) in scales.enumerated() {
            guard let scale, scale.unit.count != c.headSize else { continue }
            throw InputError(
                .otherModel, "a direction of \(scale.unit.count) values",
                in: "\(directions.place): \(index / c.heads).\(index % c.heads)",
                remedy: "give the run's own model; this one has heads of \(c.headSize) values")
        }
        return scales
    }

    // MARK: - Passes

    /// The scores of a text's tokens at every head, [heads][tokens], and the attention of its first ones,
    /// [heads, T (T + 1) / 2].
    private func pass(
        _ text: PreparedText, _ scales: [HeadScale?], patternTokens size: Int, _ run: Run
    ) throws -> (projections: [[Float]], weights: [Float]?) {
        run.sequences = [model.makeSequence(promptCount: text.tokens.count)]
        let z = (0..<c.layers).map { Read(.z($0), at: .all) }
        let patterns = size > 0 ? (0..<c.layers).map { Read(.pattern($0), at: .range(from: 0, to: size)) } : []
        let results = try run.advance([Step(tokens: text.tokens, reads: z + patterns, logits: nil)])[0].reads
        let count = text.tokens.count
        var projections = [[Float]](repeating: Array(repeating: 0, count: count), count: scales.count)
        for layer in 0..<c.layers {
            let values = results[layer].values
            for index in 0..<c.heads {
                guard let scale = scales[layer * c.heads + index] else { continue }
                let range = index * c.headSize..<(index + 1) * c.headSize
                for position in 0..<count {
                    let row = values.row(position)
                    let own = row[row.startIndex + range.lowerBound..<row.startIndex + range.upperBound]
                    projections[layer * c.heads + index][position] = Float(scale.score(own))
                }
            }
        }
        guard size > 0 else { return (projections, nil) }
        var weights: [Float] = []
        weights.reserveCapacity(c.layers * c.heads * size * (size + 1) / 2)
        for layer in 0..<c.layers {
            let values = results[c.layers + layer].values
            for index in 0..<c.heads {
                for query in 0..<size {
                    let row = values.row(query)
                    let start = row.startIndex + index * count
                    weights += row[start..<start + query + 1]
                }
            }
        }
        return (projections, weights)
    }

    /// The texts whose patterns are shown: of each class in turn those of middling length, of texts that are shown whole.
    private func patternTexts(_ texts: [PreparedText], count: Int) -> [Int] {
        let order = texts.indices.filter { texts[$0].tokens.count <= Self.mostTokens }.sorted {
            (texts[$0].tokens.count, $0) < (texts[$1].tokens.count, $1)
        }
        let classes = [true, false].map { label in order.filter { texts[$0].label == label } }
        var chosen: [Int] = []
        for turn in 0..<count {
            let own = classes[turn % 2].isEmpty ? order : classes[turn % 2]
            if let next = own.dropFirst(own.count / 2).first(where: { !chosen.contains($0) }) { chosen.append(next) }
        }
        return chosen.sorted()
    }

    /// How many tokens of each text have their attention shown.
    private func patternSize(_ texts: Int, of tokens: Int) -> Int {
        var size = 8
        while size < 96, texts * c.layers * c.heads * (size + 1) * (size + 2) / 2 <= Self.patternBytes { size += 1 }
        return min(size, tokens)
    }
}
