import DataFiles

/// Texts that were written under a plan at several strengths.
public struct SteeredTexts: Sendable, Equatable, Encodable {
    /// A sentence that says where the texts come from.
    public var source: String
    /// The name of each strength, in ascending order: `−8 σ`, `none`, `+8 σ`.
    public var labels: [String]
    /// The prompts, as readable text.
    public var prompts: [String]
    /// The texts, [strengths][prompts].
    public var texts: [[String]]
    /// The index of the strength without an edit.
    public var base: Int
    /// The index of the strength that is shown first: the plan's own.
    public var preferred: Int

    /// Creates texts at several strengths.
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
            "The base and the preferred strength must be among the strengths.")
        self.source = source
        self.labels = labels
        self.prompts = prompts
        self.texts = texts
        self.base = base
        self.preferred = preferred
    }
}

/// The direct effect of a head's direction on the logits.
public struct WrittenTokens: Sendable, Equatable, Encodable {
    /// A token, by its index among the pieces, and the amount by which its logit is raised.
    public struct Token: Sendable, Equatable {
        /// The token's index among the pieces.
        public var piece: Int
        /// The amount by which the token's logit is raised.
        public var weight: Double

        /// Creates a token with the amount by which its logit is raised.
        public init(piece: Int, weight: Double) {
            self.piece = piece
            self.weight = weight
        }
    }

    /// The tokens whose logits are raised most.
    public var raised: [Token]
    /// The tokens whose logits are lowered most.
    public var lowered: [Token]

    /// Creates the tokens at both extremes for a head's direction.
    public init(raised: [Token], lowered: [Token]) {
        self.raised = raised
        self.lowered = lowered
    }

    /// Encodes two lists of the form `[[piece, weight], …]`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for tokens in [raised, lowered] {
            try container.encode(tokens.map { [Double($0.piece), $0.weight.rounded(digits: 4)] })
        }
    }
}
