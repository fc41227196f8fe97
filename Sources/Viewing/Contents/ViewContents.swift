import Foundation
import Transformer

/// The contents of a page: those of a run's folder, and those that were computed for the page.
///
/// A head's number is layer × H + head. Parts that are missing are nil or empty, and the page leaves them out.
public struct ViewContents: Sendable, Encodable {
    /// A fact about the run, such as the name of the model or of the data.
    public struct Fact: Sendable, Equatable {
        /// The name of the fact.
        public var term: String
        /// The fact itself.
        public var text: String

        /// Creates a fact.
        public init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }
    }

    /// The page's title.
    public var title: String
    /// Facts about the run, in order.
    public var facts: [Fact] = []
    /// What the page leaves out, and how to include it.
    public var notes: [String] = []
    /// The number of layers, L; 0 if the folder has nothing about heads.
    public var layers: Int
    /// The number of query heads per layer, H.
    public var heads: Int
    /// The heads that the plan edits, by number.
    public var chosen: [Int] = []
    /// The measures of every head.
    public var columns: [HeadColumn] = []
    /// The keys of the columns that are shown first: the map's column and the scatter plot's two.
    public var defaults = Defaults()
    /// The texts that heads were read on; nil for none.
    public var texts: ViewedTexts?
    /// The score of each text at each head.
    public var scores: TextScores?
    /// The projections of the tokens of each head's highest and lowest texts.
    public var projections: TokenProjections?
    /// Attention patterns, each for all heads on one text.
    public var patterns: [AttentionPattern] = []
    /// The effect of each head's direction on the logits.
    public var writes: [WrittenTokens]?
    /// Texts under the plan, with unsteered ones for comparison; nil for none.
    public var steering: SteeredTexts?
    /// Logs, each with a time line.
    public var logs: [ViewedLog] = []
    /// The texts of tokens, which other parts refer to by index.
    public var pieces = PieceTable()

    /// The keys of the columns that are shown first; empty to let the page choose.
    public struct Defaults: Sendable, Equatable, Encodable {
        /// The map's column.
        public var column = ""
        /// The scatter plot's column for the horizontal axis.
        public var x = ""
        /// The scatter plot's column for the vertical axis.
        public var y = ""

        /// Creates defaults that leave the choice to the page.
        public init() {}
    }

    /// Creates an empty page for a model with this many layers, and query heads per layer.
    public init(title: String, layers: Int, heads: Int) {
        self.title = title
        self.layers = layers
        self.heads = heads
    }

    private enum Key: String, CodingKey {
        case format, layers, heads, chosen, columns, defaults, texts, scores, projections, patterns, writes, steering
        case logs, pieces
    }

    /// Encodes all that the page's program reads; the title, facts and notes are in the page itself.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("headsteer.view/1", forKey: .format)
        try container.encode(layers, forKey: .layers)
        try container.encode(heads, forKey: .heads)
        try container.encode(chosen, forKey: .chosen)
        try container.encode(columns, forKey: .columns)
        try container.encode(defaults, forKey: .defaults)
        try container.encodeIfPresent(texts, forKey: .texts)
        try container.encodeIfPresent(scores, forKey: .scores)
        try container.encodeIfPresent(projections, forKey: .projections)
        try container.encode(patterns, forKey: .patterns)
        try container.encodeIfPresent(writes, forKey: .writes)
        try container.encodeIfPresent(steering, forKey: .steering)
        try container.encode(logs, forKey: .logs)
        try container.encode(pieces.pieces, forKey: .pieces)
    }

    /// The number of a head.
    func number(_ head: Head) -> Int { head.layer * heads + head.index }
}

/// The texts of tokens, each stored once.
public struct PieceTable: Sendable, Equatable {
    /// The texts, by index.
    public private(set) var pieces: [String] = []
    private var places: [String: Int] = [:]

    /// Creates an empty table.
    public init() {}

    /// The index of a text, which is added if it is new.
    public mutating func place(_ piece: String) -> Int {
        if let place = places[piece] { return place }
        places[piece] = pieces.count
        pieces.append(piece)
        return pieces.count - 1
    }
}
