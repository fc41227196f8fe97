/// The embedding and the output matrix: the bigram grammar, the words' moods, and noise.
struct TokenTables {
    private(set) var embedding: WeightTable
    private(set) var output: WeightTable

    private let vocabulary: Vocabulary
    private let codes: StateCodes

    /// The deviation of a token's identity in the embedding.
    private static let identityDeviation = 0.5
    /// The deviation of the identity coordinates in the output matrix.
    private static let outputDeviation = 0.06
    /// The factor for a word's code in the output matrix, which gives a fitting word a logit of about 12.
    private static let stateGain: Float = 0.25
    /// The share of the gain that each further word of a state loses.
    private static let rankStep: Float = 0.125
    /// The lead, in logits, of a neutral word over the mood words at its slot.
    private static let neutralLead: Float = 1.5
    /// The logit per unit of wanted mood.
    private static let moodGain: Float = 9
    /// The base rate of tokens that are not words of the grammar.
    private static let otherBaseRate: Float = -3

    init(vocabulary: Vocabulary, codes: StateCodes, seed: UInt64) {
        let count = vocabulary.tokens.count
        self.vocabulary = vocabulary
        self.codes = codes
        self.embedding = WeightTable(rows: count, columns: ResidualLayout.width)
        self.output = WeightTable(rows: count, columns: ResidualLayout.width)
        var source = NoiseSource(seed: seed, stream: 2)
        embedding.addNoise(
            rows: 0..<count, columns: ResidualLayout.identity, deviation: Self.identityDeviation, from: &source)
        output.addNoise(
            rows: 0..<count, columns: ResidualLayout.identity, deviation: Self.outputDeviation, from: &source)
        for id in 0..<count {
            embedding[id, ResidualLayout.constant] = 1
            output[id, ResidualLayout.constant] = Self.otherBaseRate
            embed(id, followedBy: Lexicon.unknown)
        }
        embed(Vocabulary.beginning, followedBy: Lexicon.beginning)
        embed(Vocabulary.end, followedBy: Lexicon.beginning)
        embedding[Vocabulary.beginning, ResidualLayout.sink] = 1
        predict(Vocabulary.end, in: Lexicon.end, rank: 0)

        var ranks: [String: Int] = [:]
        for group in Lexicon.groups {
            for word in group.words {
                place(vocabulary.id(of: word), of: group, rank: ranks[group.state, default: 0])
                ranks[group.state, default: 0] += 1
            }
            for (rank, pair) in group.pairs.enumerated() { place(pair, of: group, rank: rank) }
        }
    }

    /// Makes `state` the state that follows the token.
    private mutating func embed(_ id: Int, followedBy state: String) {
        for (column, sign) in zip(ResidualLayout.state, codes[state]) { embedding[id, column] = sign }
        embedding[id, ResidualLayout.slot] = Lexicon.isSlot(state) ? 1 : 0
    }

    /// Makes the token a word of `state`, which is less likely the higher its rank.
    private mutating func predict(_ id: Int, in state: String, rank: Int) {
        let gain = Self.stateGain * (1 - Self.rankStep * Float(min(rank, 4)))
        for (column, sign) in zip(ResidualLayout.state, codes[state]) { output[id, column] = gain * sign }
        output[id, ResidualLayout.constant] = 0
    }

    private mutating func place(_ id: Int, of group: WordGroup, rank: Int) {
        embed(id, followedBy: group.next)
        predict(id, in: group.state, rank: rank)
        if Lexicon.isSlot(group.state) { output[id, ResidualLayout.slot] = Self.neutralLead }
    }

    /// Places a pair, whose words have the same embedding apart from the mood.
    private mutating func place(_ pair: MoodPair, of group: WordGroup, rank: Int) {
        let cheerful = vocabulary.id(of: pair.cheerful)
        let gloomy = vocabulary.id(of: pair.gloomy)
        for column in ResidualLayout.identity { embedding[gloomy, column] = embedding[cheerful, column] }
        for (id, sign) in [(cheerful, Float(1)), (gloomy, Float(-1))] {
            embed(id, followedBy: group.next)
            predict(id, in: group.state, rank: rank)
            embedding[id, ResidualLayout.tokenMood] = sign * Float(pair.quarters) / 4
            embedding[id, ResidualLayout.moodFlag] = 1
            output[id, ResidualLayout.wantedMood] = sign * Self.moodGain
        }
    }
}
