/// One step of a pre-tokenizer, which splits each region of a text into smaller ones.
///
/// Merges never cross a split. The most common patterns are scanners over Unicode scalars; all others run as regular
/// expressions.
enum PreTokenizerStage: Sendable, Equatable {
    /// GPT-2's pattern:
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    case gpt2
    /// Llama 3's pattern (with numbers of at most three digits) and Qwen 2's (with one):
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,LIMIT}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    ///
    /// `foldsLongS`: whether `'ſ` counts as `'s`, as with the full case folding in Hugging Face's library, but not in
    /// llama.cpp.
    case modern(digits: Int, foldsLongS: Bool)
    /// `\p{N}{1,LIMIT}`: separates numbers, in groups of at most LIMIT digits.
    case numbers(digits: Int)
    /// `[0-9][0-9][0-9]`: separates groups of three ASCII digits; the rest of a run stays together.
    case digitTriples
    /// `[\p{P}$+<=>^~|]+`, with `` ` `` in Falcon's form: separates runs of punctuation.
    case punctuation(withBacktick: Bool)
    /// Splits before each `▁`.
    case beforeSpaceMark
    /// Any other pattern; `inverts`: the text between the matches counts as the matches.
    case pattern(SplitPattern, SplitBehavior, inverts: Bool)

    /// Whether the pattern matches every scalar of every text, so that no text lies between its matches.
    var matchesAll: Bool {
        switch self {
        case .gpt2, .modern: true
        default: false
        }
    }

    /// Splits one region and adds its parts, in order.
    ///
    /// - Throws: `PatternMatcher.TooSlow`.
    func split(
        _ region: Range<Int>, of scanner: TextScanner, into words: inout WordList
    ) throws(PatternMatcher.TooSlow) {
        words.start(at: region.lowerBound)
        switch self {
        case .gpt2: scanner.splitGPT2(region, into: &words)
        case .modern(let digits, let foldsLongS):
            scanner.splitModern(region, digits: digits, foldsLongS: foldsLongS, into: &words)
        case .numbers(let digits): scanner.splitNumbers(region, digits: digits, into: &words)
        case .digitTriples: scanner.splitDigitTriples(region, into: &words)
        case .punctuation(let withBacktick):
            scanner.splitPunctuation(region, withBacktick: withBacktick, into: &words)
        case .beforeSpaceMark: scanner.splitBeforeSpaceMark(region, into: &words)
        case .pattern(let pattern, let behavior, let inverts):
            var pieces: [(range: Range<Int>, isMatch: Bool)] = []
            var start = region.lowerBound
            try pattern.forEachMatch(in: region, of: scanner) { match in
                if start < match.lowerBound { pieces.append((start..<match.lowerBound, inverts)) }
                pieces.append((match, !inverts))
                start = match.upperBound
            }
            if start < region.upperBound { pieces.append((start..<region.upperBound, inverts)) }
            words.append(behavior.parts(pieces))
        }
    }
}

/// Parts of a text, in order.
struct WordList {
    /// Byte offsets.
    private(set) var words: [Range<Int>] = []
    private var next = 0

    init(capacity: Int) { words.reserveCapacity(capacity) }

    /// Where the next word starts.
    mutating func start(at offset: Int) { next = offset }

    /// Adds the word from where the last one ended up to `end`.
    @inline(__always)
    mutating func append(end: Int) {
        words.append(next..<end)
        next = end
    }

    mutating func append(_ words: [Range<Int>]) { self.words += words }
}
