import DataFiles

/// The texts that heads were read on.
public struct ViewedTexts: Sendable, Equatable, Encodable {
    /// One text.
    public struct Item: Sendable, Equatable, Encodable {
        /// The whole text, where its tokens aren't known.
        public var text: String?
        /// The tokens' places among the pieces.
        public var tokens: [Int]?
        /// The positions that are read, half open.
        public var read: [Int]?
        /// Nil where texts have no labels.
        public var label: Bool?
        /// The line in the data file; nil for none.
        public var line: Int?

        /// A text, either as a whole or as tokens.
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

        /// Null for a label that there is none of: the page tells it from `false`.
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
    /// What the labels `true` and `false` are called.
    public var labelNames: [String]

    /// Texts, and what their labels are called.
    public init(items: [Item], labelNames: [String] = ["label true", "label false"]) {
        self.items = items
        self.labelNames = labelNames
    }
}

/// What each text scores at each head.
public struct TextScores: Sendable, Equatable, Encodable {
    /// What the score is, in a sentence.
    public var what: String
    /// Each head's scores, [heads, texts], in 16 bits.
    public var packed: String
    /// What the packed numbers of each head are multiplied by.
    public var scales: [Double]

    /// - Parameter scores: [heads][texts].
    public init(what: String, _ scores: [[Double]]) {
        self.what = what
        (packed, scales) = PackedNumbers.wide(scores)
    }
}

/// The projections of single tokens, for the texts that score highest and lowest at each head.
public struct TokenProjections: Sendable, Equatable, Encodable {
    /// Each head's texts.
    public var picks: [[Int]]
    /// The projections of their tokens, head after head and text after text, in 8 bits.
    public var packed: String
    /// What the packed numbers of each head are multiplied by.
    public var scales: [Double]

    /// - Parameters:
    ///   - picks: [heads][texts].
    ///   - values: of all tokens of a head's texts, one text after the other, [heads][tokens].
    /// - Precondition: each head needs its texts and their projections.
    public init(picks: [[Int]], _ values: [[Double]]) {
        precondition(picks.count == values.count, "Each head needs its texts and their projections.")
        self.picks = picks
        (packed, scales) = PackedNumbers.narrow(values)
    }

    /// The texts whose tokens are shown: as many of the highest as of the lowest.
    static func picks(_ scores: [Double], each: Int = 5) -> [Int] {
        let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
        let count = min(each, order.count / 2)
        return Array(order.prefix(count) + order.suffix(count))
    }
}

/// Where all heads look on one text.
public struct AttentionPattern: Sendable, Equatable, Encodable {
    /// The text's number.
    public var text: Int
    /// The number of tokens, T, from the text's start.
    public var tokens: Int
    /// Whether it is a part of the text alone, in a sentence; else empty.
    public var note: String
    /// For each head, and there for each position q, the weights of the positions 0 … q: [heads, T (T + 1) / 2], in 8 bits.
    public var packed: String

    /// - Parameter weights: [heads, T (T + 1) / 2].
    public init(text: Int, tokens: Int, note: String = "", _ weights: [Float]) {
        self.text = text
        self.tokens = tokens
        self.note = note
        packed = PackedNumbers.shares(weights)
    }
}
