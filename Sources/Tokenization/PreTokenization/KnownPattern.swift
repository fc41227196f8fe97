/// The regular expressions that many models' pre-tokenizers split by and that have a scanner, recognised by their text.
enum KnownPattern {
    /// The scanner for a pattern, or the pattern as a regular expression; separates its matches from the text between.
    ///
    /// - Throws: `PatternError` that names the error or the unsupported construct.
    static func isolated(_ pattern: String) throws(PatternError) -> PreTokenizerStage {
        if let stage = stage(for: pattern) { return stage }
        return .pattern(try SplitPattern(pattern), .isolated, inverts: false)
    }

    /// The scanner for a pattern; nil if it has none.
    static func stage(for pattern: String) -> PreTokenizerStage? {
        // A possessive quantifier matches the same here as a greedy one: what follows never begins with what it
        // consumed.
        let pattern = pattern.replacing("?+", with: "?").replacing("++", with: "+")
        if gpt2.contains(pattern) { return .gpt2 }
        if let digits = numbers[pattern] { return .numbers(digits: digits) }
        if pattern == "[0-9][0-9][0-9]" || pattern == "[0-9]{3}" { return .digitTriples }
        if pattern == #"[\p{P}\$\+<=>\^~\|]+"# { return .punctuation(withBacktick: false) }
        if pattern == #"[\p{P}\$\+<=>\^~\|`]+"# { return .punctuation(withBacktick: true) }
        return modern(pattern)
    }

    private static let gpt2: Set<String> = {
        let contractions = ["'s|'t|'re|'ve|'m|'ll|'d", "'(?:[sdmt]|ll|ve|re)"]
        let words = #"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#
        return Set(contractions.flatMap { [$0 + words, $0 + words + #"|\s+"#] })
    }()

    private static let numbers: [String: Int] = [
        #"\p{N}"#: 1, #"\p{N}{1}"#: 1, #"\p{N}{1,2}"#: 2, #"\p{N}{1,3}"#: 3, #"\p{N}+"#: .max,
    ]

    private static func modern(_ pattern: String) -> PreTokenizerStage? {
        let contractions: [(text: String, foldsLongS: Bool)] = [
            ("(?i:'s|'t|'re|'ve|'m|'ll|'d)", true),
            ("'(?i:[sdmt]|ll|ve|re)", true),
            ("(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])", false),
        ]
        guard let contraction = contractions.first(where: { pattern.hasPrefix($0.text) }) else { return nil }
        var rest = pattern.dropFirst(contraction.text.count)
        func take(_ text: String) -> Bool {
            guard rest.hasPrefix(text) else { return false }
            rest = rest.dropFirst(text.count)
            return true
        }
        guard take(#"|[^\r\n\p{L}\p{N}]?\p{L}+|"#),
            let number = numbers.keys.sorted(by: { $0.count > $1.count }).first(where: { take($0) }),
            let digits = numbers[number], take(#"| ?[^\s\p{L}\p{N}]+[\r\n]*|"#)
        else { return nil }
        // `\s*` reaches past earlier line ends, so one line end after it works as well as many.
        let ends = [#"\s*[\r\n]+|\s+(?!\S)|\s+"#, #"\s*[\r\n]|\s+(?!\S)|\s+"#]
        return ends.contains(String(rest)) ? .modern(digits: digits, foldsLongS: contraction.foldsLongS) : nil
    }
}
