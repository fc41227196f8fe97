import DataFiles

/// The texts that heads were read on.
public struct ViewedTexts: Sendable, Equatable, Encodable {
    /// One text.
    public struct Item: Sendable, Equatable, Encodable {
        /// The whole text, if its tokens aren't known.
        public var text: String?
        /// The tokens' indices among the pieces.
        public var tokens: [Int]?
        /// The positions that are read, as a half-open range.
        public var read: [Int]?
        /// The text's label; nil if texts have no labels.
        public var label: Bool?
        /// The line number in the data file; nil for none.
        public var line: Int?

        /// Creates a text, either as a whole or as tokens.
        public init(
            text: String? = nil, tokens: [Int]? = nil, read: Range<Int>? = nil, label: Bool? = nil, line: Int? = nil
        ) {
            self.text = text
            self.tokens = tokens
            self.read = read.map { [$0.lowerBound, $0.upperBound] }
            self.label = label
            self.line = line
        }

        private enum Key: String, CodingKey { case text, tokens, read, label, line }

        /// Encodes null for a missing label, which the page distinguishes from `false`.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeIfPresent(text, forKey: .text)
            try container.encodeIfPresent(tokens, forKey: .tokens)
            try container.encodeIfPresent(read, forKey: .read)
            try container.encode(label, forKey: .label)
            try container.encodeIfPresent(line, forKey: .line)
        }
    }

    /// The texts.
    public var items: [Item]
    /// The names of the labels `true` and `false`.
    public var labelNames: [String]

    /// Creates texts with the names of their labels.
    public init(items: [Item], labelNames: [String] = ["label true", "label false"]) {
        self.items = items
        self.labelNames = labelNames
    }
}

/// The score of each text at each head.
public struct TextScores: Sendable, Equatable, Encodable {
    /// A sentence that explains the score.
    public var what: String
    /// The scores, [heads, texts], in 16 bits.
    public var packed: String
    /// The factor by which each head's packed numbers are multiplied.
    public var scales: [Double]

    /// - Parameter scores: [heads][texts].
    public init(what: String, _ scores: [[Double]]) {
        self.what = what
        (packed, scales) = PackedNumbers.wide(scores)
    }
}

/// The projections of single tokens, for the texts with the highest and lowest scores at each head.
public struct TokenProjections: Sendable, Equatable, Encodable {
    /// The texts for each head.
    public var picks: [[Int]]
    /// The projections of the tokens of these texts, in 8 bits, ordered by head and then by text.
    public var packed: String
    /// The factor by which each head's packed numbers are multiplied.
    public var scales: [Double]

    /// - Parameters:
    ///   - picks: the texts for each head, [heads][texts].
    ///   - values: the projections of all tokens of a head's texts, one text after the other, [heads][tokens].
    /// - Precondition: each head needs its texts and their projections.
    public init(picks: [[Int]], _ values: [[Double]]) {
        precondition(picks.count == values.count, "Each head needs its texts and their projections.")
        self.picks = picks
        (packed, scales) = PackedNumbers.narrow(values)
    }

    /// The texts whose tokens are shown: equally many of the highest and of the lowest.
    static func picks(_ scores: [Double], each: Int = 5) -> [Int] {
        let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
        let count = min(each, order.count / 2)
        return Array(order.prefix(count) + order.suffix(count))
    }
}

/// The attention of all heads on one text.
public struct AttentionPattern: Sendable, Equatable, Encodable {
    /// The text's number.
    public var text: Int
    /// The number of tokens, T, counted from the start of the text.
    public var tokens: Int
    /// A sentence that says whether only part of the text is covered; otherwise empty.
    public var note: String
    /// The weights of the positions 0 … q for each head and each position q, [heads, T (T + 1) / 2], in 8 bits.
    public var packed: String

    /// - Parameter weights: the attention weights, [heads, T (T + 1) / 2].
    public init(text: Int, tokens: Int, note: String = "", _ weights: [Float]) {
        self.text = text
        self.tokens = tokens
        self.note = note
        packed = PackedNumbers.shares(weights)
    }
}
