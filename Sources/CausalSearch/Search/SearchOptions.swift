import DataSets
import Directions
import Tasks

/// How heads are searched.
public struct SearchOptions: Sendable, Codable, Equatable {
    /// K, how many heads to take. HSI takes four.
    public var heads: Int
    /// How heads are screened.
    public var screen: HeadScreen.Options
    /// How the heads are found that are screened in full; by default all are.
    public var method: ScreenMethod
    /// The most contrast items that the screen and the combination use, evenly spaced over the data. The default, 24, ranks
    /// 270 heads the same as 60 do where it matters, at the top, at 0.4 of the time.
    public var items: Int
    /// How many of the best heads are checked by generation; 0 for none. The default is 16.
    public var checkedHeads: Int
    /// The most prompts that texts are generated from for a check.
    public var checkPrompts: Int
    /// The most tokens of such a text.
    public var checkTokens: Int
    /// Whether heads are put together by their joint effect; otherwise the K best by themselves are taken.
    public var combines: Bool
    /// Whether each head gets its own strength after the shared one is found.
    public var tunesEachHead: Bool
    /// What the shared strength may cost.
    public var budget: SideEffectBudget
    /// What the shared strength is to spend on neutral text: it is then found by that alone. Nil: the strength is the one of
    /// the largest effect within ``budget``.
    public var spends: KLBudget?
    /// The start of all random numbers: same seed, same result. The initialiser gives it to the screen, too.
    public var seed: UInt64

    /// Options; each default is said at its property.
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

    /// The screen alone and a line search: seconds instead of a minute.
    public static func quick(heads: Int = 4, seed: UInt64 = 0) -> SearchOptions {
        SearchOptions(
            heads: heads, screen: HeadScreen.Options(nullDirections: 1), checkedHeads: 0, combines: false, seed: seed)
    }
}

/// What is searched for.
public struct SearchInput: Sendable {
    /// Labelled texts of both classes, ready to be read: what directions are fitted from.
    public var texts: [PreparedText]
    /// What effects are measured on.
    public var contrasts: ContrastSet
    /// What texts are generated from and how they are judged; nil for no check by generation.
    public var answers: AnswerTask?
    /// What side effects are measured on; ``NeutralTexts`` by default.
    public var neutral: [String]
    /// z of the texts, where they went through the model already; nil: the search takes them through it.
    package var collection: HeadCollection?

    /// What a search works on. Texts, contrasts and answers may come from the same rows: what is found has then to be
    /// measured on others.
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

/// Where a search is.
public enum SearchStage: Sendable, Equatable {
    /// z is collected of the labelled texts.
    case collecting(done: Int, of: Int)
    /// A cheap screen looks through all heads.
    case estimating(done: Int, of: Int)
    /// Heads are moved one by one.
    case screening(done: Int, of: Int)
    /// Texts are generated with the best heads.
    case checking(done: Int, of: Int)
    /// Heads are put together.
    case combining(done: Int, of: Int)
    /// A strength was tried.
    case tried(StrengthTrial)
}
