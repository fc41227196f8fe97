import DataFiles

/// Texts under a plan at several strengths.
public struct SteeredTexts: Sendable, Equatable, Encodable {
    /// Where they come from, in a sentence.
    public var source: String
    /// What each strength is called, ascending: `−8 σ`, `none`, `+8 σ`.
    public var labels: [String]
    /// The prompts, as readable text.
    public var prompts: [String]
    /// [strengths][prompts]
    public var texts: [[String]]
    /// The strength that is none.
    public var base: Int
    /// The strength that is shown first: the plan's own.
    public var preferred: Int

    /// Texts at several strengths.
    ///
    /// - Precondition: each strength needs a name, and a text for each prompt; `base` and `preferred` are among the
    ///   strengths.
    public init(
        source: String, labels: [String], prompts: [String], texts: [[String]], base: Int, preferred: Int
    ) {
        precondition(
            texts.count == labels.count && texts.allSatisfy { $0.count == prompts.count },
            "Each strength needs a name, and a text for each prompt.")
        precondition(
            labels.indices.contains(base) && labels.indices.contains(preferred),
            "The page shows strengths that there are.")
        self.source = source
        self.labels = labels
        self.prompts = prompts
        self.texts = texts
        self.base = base
        self.preferred = preferred
    }
}

/// What a head's direction does to the logits directly.
public struct WrittenTokens: Sendable, Equatable, Encodable {
    /// A token's place among the pieces, and how much its logit is raised.
    public struct Token: Sendable, Equatable {
        /// Its place among the pieces.
        public var piece: Int
        /// How much its logit is raised.
        public var weight: Double

        /// A token and how much its logit is raised.
        public init(piece: Int, weight: Double) {
            self.piece = piece
            self.weight = weight
        }
    }

    /// The tokens whose logits are raised most.
    public var raised: [Token]
    /// Those whose logits are lowered most.
    public var lowered: [Token]

    /// The extremes of a head's direction.
    public init(raised: [Token], lowered: [Token]) {
        self.raised = raised
        self.lowered = lowered
    }

    /// As `[[piece, weight], …]` twice.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for tokens in [raised, lowered] {
            try container.encode(tokens.map { [Double($0.piece), $0.weight.rounded(digits: 4)] })
        }
    }
}
