import Foundation
import Transformer

/// What a page shows: of a run's folder, and of what was computed for it.
///
/// Heads have numbers here, layer × H + head; what there is nothing of is nil or empty, and the page leaves it out.
public struct ViewContents: Sendable, Encodable {
    /// Facts about the run: the model's name, the data's.
    public struct Fact: Sendable, Equatable {
        /// What it is a fact about.
        public var term: String
        /// The fact.
        public var text: String

        /// A fact.
        public init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }
    }

    /// The page's title.
    public var title: String
    /// Facts about the run, in their order.
    public var facts: [Fact] = []
    /// What the page leaves out, and what would bring it.
    public var notes: [String] = []
    /// L; 0 where the folder says nothing of heads.
    public var layers: Int
    /// H
    public var heads: Int
    /// The heads that the plan edits, by number.
    public var chosen: [Int] = []
    /// What was measured of every head.
    public var columns: [HeadColumn] = []
    /// The keys of the columns that are shown first: the map's, and the scatter plot's two.
    public var defaults = Defaults()
    /// The texts that heads were read on; nil for none.
    public var texts: ViewedTexts?
    /// What each text scores at each head.
    public var scores: TextScores?
    /// The tokens of each head's highest and lowest texts.
    public var projections: TokenProjections?
    /// Attention patterns, each of all heads on one text.
    public var patterns: [AttentionPattern] = []
    /// For each head what its direction does to the logits.
    public var writes: [WrittenTokens]?
    /// Texts under the plan beside unsteered ones; nil for none.
    public var steering: SteeredTexts?
    /// Logs, each on a time line.
    public var logs: [ViewedLog] = []
    /// The texts of tokens, which others refer to by their place.
    public var pieces = PieceTable()

    /// The columns that are shown first, by their keys; empty for the page's own choice.
    public struct Defaults: Sendable, Equatable, Encodable {
        /// The map's.
        public var column = ""
        /// The scatter plot's, across.
        public var x = ""
        /// The scatter plot's, upwards.
        public var y = ""

        /// No choice.
        public init() {}
    }

    /// An empty page for a model of that many layers, and query heads of a layer.
    public init(title: String, layers: Int, heads: Int) {
        self.title = title
        self.layers = layers
        self.heads = heads
    }

    private enum Key: String, CodingKey {
        case format, layers, heads, chosen, columns, defaults, texts, scores, projections, patterns, writes, steering
        case logs, pieces
    }

    /// All that the page's program reads; title, facts and notes are in the page itself.
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

/// Texts of tokens, each kept once.
public struct PieceTable: Sendable, Equatable {
    /// The texts, each at its place.
    public private(set) var pieces: [String] = []
    private var places: [String: Int] = [:]

    /// A table without texts.
    public init() {}

    /// The place of a text, which is added where it is new.
    public mutating func place(_ piece: String) -> Int {
        if let place = places[piece] { return place }
        places[piece] = pieces.count
        pieces.append(piece)
        return pieces.count - 1
    }
}
