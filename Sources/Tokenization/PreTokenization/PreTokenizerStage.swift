/// One step of a pre-tokenizer: cuts each region of a text into smaller ones. Merges never cross a cut.
///
/// The patterns are those of the models' regular expressions; each is a scanner over Unicode scalars that takes time
/// linear in the text.
enum PreTokenizerStage: Sendable, Equatable {
    /// GPT-2's pattern:
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    case gpt2
    /// Llama 3's pattern (with numbers of at most three digits) and Qwen 2's (with one):
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,LIMIT}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    ///
    /// `foldsLongS`: whether `'ſ` is `'s`, as under full case folding in Hugging Face's library; not so in llama.cpp.
    case modern(digits: Int, foldsLongS: Bool)
    /// `\p{N}{1,LIMIT}`: numbers apart, in groups of at most so many digits.
    case numbers(digits: Int)
    /// `[0-9][0-9][0-9]`: three ASCII digits apart; what remains of a run stays together.
    case digitTriples
    /// `[\p{P}$+<=>^~|]+`, with `` ` `` in Falcon's form: runs of punctuation apart.
    case punctuation(withBacktick: Bool)
    /// A cut before each `▁`.
    case beforeSpaceMark

    /// Cuts one region; appends the ends of its parts to `ends`, the last of which is the region's end.
    func split(_ region: Range<Int>, of scanner: TextScanner, into ends: inout [Int]) {
        switch self {
        case .gpt2: scanner.splitGPT2(region, into: &ends)
        case .modern(let digits, let foldsLongS):
            scanner.splitModern(region, digits: digits, foldsLongS: foldsLongS, into: &ends)
        case .numbers(let digits): scanner.splitNumbers(region, digits: digits, into: &ends)
        case .digitTriples: scanner.splitDigitTriples(region, into: &ends)
        case .punctuation(let withBacktick):
            scanner.splitPunctuation(region, withBacktick: withBacktick, into: &ends)
        case .beforeSpaceMark: scanner.splitBeforeSpaceMark(region, into: &ends)
        }
    }
}

/// The steps of a pre-tokenizer, each applied to the regions that the one before it left.
struct PreTokenizer: Sendable, Equatable {
    var stages: [PreTokenizerStage]

    /// Cuts a text into the words that are tokenized each for itself.
    ///
    /// - Returns: the offsets at which the words end; they cover the text.
    /// - Complexity: O(text · stages).
    func wordEnds(of text: UnsafeBufferPointer<UInt8>) -> [Int] {
        guard !text.isEmpty else { return [] }
        return ScalarClass.basicPlane.withUnsafeBufferPointer { classes in
            let scanner = TextScanner(text: text, classes: classes)
            var ends = [text.count]
            for stage in stages {
                var next: [Int] = []
                next.reserveCapacity(max(ends.count, text.count / 5))
                var start = 0
                for end in ends {
                    stage.split(start..<end, of: scanner, into: &next)
                    start = end
                }
                ends = next
            }
            return ends
        }
    }
}
