import DataSets
import Directions
import Tasks

/// How heads are searched.
public struct SearchOptions: Sendable, Codable, Equatable {
    /// K, the number of heads to find: 4, as in HSI.
    public var heads: Int
    /// How heads are screened.
    public var screen: HeadScreen.Options
    /// How the heads that are screened in full are chosen; by default all heads are.
    public var method: ScreenMethod
    /// The maximum number of contrast items that the screen and the combination use, evenly spaced over the data.
    ///
    /// The default, 24, ranks the top of 270 heads as 60 items do, in 0.4 of the time.
    public var items: Int
    /// The number of best heads that are checked by generation; 0 for none.
    ///
    /// The default is 16.
    public var checkedHeads: Int
    /// The maximum number of prompts that texts are generated from in a check: 12 by default.
    public var checkPrompts: Int
    /// The maximum number of tokens in each of these texts: 16 by default.
    public var checkTokens: Int
    /// Whether heads are combined by their joint effect; otherwise the K best single heads are taken.
    public var combines: Bool
    /// Whether each head gets its own strength after the shared one is found.
    public var tunesEachHead: Bool
    /// The side effects that the shared strength may have.
    public var budget: SideEffectBudget
    /// The cost on neutral text that the shared strength should have; the strength is then chosen by this cost alone.
    ///
    /// If nil, the strength is the one with the largest effect within ``budget``.
    public var spends: KLBudget?
    /// The seed of all random numbers; the same seed gives the same result.
    ///
    /// The initialiser passes it on to the screen.
    public var seed: UInt64

    /// Makes options; each default is documented at its property.
    public init(
        heads: Int = 4, screen: HeadScreen.Options = HeadScreen.Options(), method: ScreenMethod = .exact,
        items: Int = 24, checkedHeads: Int = 16,
        checkPrompts: Int = 12, checkTokens: Int = 16, combines: Bool = true, tunesEachHead: Bool = false,
        budget: SideEffectBudget = SideEffectBudget(), spends: KLBudget? = nil, seed: UInt64 = 0
    ) {
        self.heads = heads
        self.screen = screen
        self.screen.seed = seed
        self.method = method
        self.items = items
        self.checkedHeads = checkedHeads
        self.checkPrompts = checkPrompts
        self.checkTokens = checkTokens
        self.combines = combines
        self.tunesEachHead = tunesEachHead
        self.budget = budget
        self.spends = spends
        self.seed = seed
    }

    /// Options for a search with only the screen and a line search, which takes seconds instead of a minute.
    public static func quick(heads: Int = 4, seed: UInt64 = 0) -> SearchOptions {
        SearchOptions(
            heads: heads, screen: HeadScreen.Options(nullDirections: 1), checkedHeads: 0, combines: false, seed: seed)
    }
}

/// The data that a search works on.
public struct SearchInput: Sendable {
    /// Labelled texts of both classes, as tokens, which directions are fitted to.
    public var texts: [PreparedText]
    /// The contrasts that effects are measured on.
    public var contrasts: ContrastSet
    /// The prompts that texts are generated from, with the rules that judge them; nil for no check by generation.
    public var answers: AnswerTask?
    /// The texts that side effects are measured on; ``NeutralTexts`` by default.
    public var neutral: [String]
    /// z of the texts if the model has already read them; if nil, the search runs the model over them.
    package var collection: HeadCollection?

    /// Makes an input; texts, contrasts and answers may come from the same rows, but then the plan must be evaluated on
    /// other rows.
    public init(
        texts: [PreparedText], contrasts: ContrastSet, answers: AnswerTask? = nil,
        neutral: [String] = NeutralTexts.sentences
    ) {
        self.texts = texts
        self.contrasts = contrasts
        self.answers = answers
        self.neutral = neutral
    }
}

/// The current stage of a search.
public enum SearchStage: Sendable, Equatable {
    /// z of the labelled texts is being collected.
    case collecting(done: Int, of: Int)
    /// A cheap screen is estimating the effects of all heads.
    case estimating(done: Int, of: Int)
    /// Heads are being moved one by one.
    case screening(done: Int, of: Int)
    /// Texts are being generated with the best heads.
    case checking(done: Int, of: Int)
    /// Heads are being combined.
    case combining(done: Int, of: Int)
    /// A strength was tried.
    case tried(StrengthTrial)
}
