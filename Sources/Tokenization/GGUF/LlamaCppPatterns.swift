/// The pre-tokenizers that llama.cpp knows by name, with the regular expressions that it splits by, in order.
///
/// Where llama.cpp's expressions differ from those in a model's `tokenizer.json`, these follow llama.cpp, so that GGUF
/// files give the same ids as llama.cpp. For example, llama.cpp can't tell capitals from small letters beyond ASCII, so
/// tekken and gpt-4o split `ÉCOLE` and `école` in the same way.
enum LlamaCppPatterns {
    struct Group {
        var names: [String]
        var patterns: [String]
        /// Whether a word that is itself a token becomes that token, whatever the merges say.
        var ignoresMerges = false
        /// Whether a beginning-of-sequence token is added if the file doesn't say.
        var addsBeginning = false
    }

    private static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#
    private static let contractions = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
    private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let word = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
    private static let symbols = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
    private static let han = "[\u{4E00}-\u{9FA5}\u{3040}-\u{309F}\u{30A0}-\u{30FF}]+"

    /// Llama 3's pattern, with `number` as the pattern for numbers.
    private static func modern(_ number: String) -> String {
        "\(contractions)|\(word)|\(number)|\(symbols)|\(spaces)"
    }

    /// Words that begin with capitals and continue with small letters, as far as llama.cpp can tell them apart.
    private static func cased(_ ending: String, _ number: String) -> String {
        let capital = #"[\p{L}&&[^a-z]]"#
        let small = #"[\p{L}&&[^A-Z]]"#
        let lead = #"[^\r\n\p{L}\p{N}]?"#
        return "\(lead)\(capital)*\(small)+\(ending)|\(lead)\(capital)+\(small)*\(ending)|\(number)"
            + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces
    }

    /// Words with their combining marks, in either case, and contractions at their ends.
    private static func marked(_ number: String) -> String {
        #"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+"# + contractions + "?|\(number)"
            + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces
    }

    /// An ASCII punctuation mark with the letters after it; words with their combining marks; symbols.
    private static let deepSeek3 =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+"##

    /// Groups of three digits, counted from the right; the first group goes with the text before the number.
    private static let digitsFromTheRight = #"\P{N}*\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))"#

    static let groups: [Group] = [
        Group(
            names: [
                "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4", "gigachat",
                "mellum", "a.x-4.0", "roberta-bpe", "modern-bert",
            ],
            patterns: [gpt2]),
        Group(
            names: [
                "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2",
            ],
            patterns: [#"\p{N}"#, gpt2]),
        Group(
            names: [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
            ],
            patterns: [modern(#"\p{N}{1,3}"#)], ignoresMerges: true, addsBeginning: true),
        Group(names: ["dbrx", "smaug-bpe", "chatglm-bpe"], patterns: [modern(#"\p{N}{1,3}"#)]),
        Group(names: ["glm4", "glm5"], patterns: [modern(#"\p{N}{1,3}"#)], ignoresMerges: true),
        Group(
            names: [
                "qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "kormo", "f2llmv2", "solar-open",
                "grok-2",
            ],
            patterns: [modern(#"\p{N}"#)]),
        Group(
            names: ["qwen35"],
            patterns: [
                contractions
                    + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"# + spaces
            ]),
        Group(names: ["ufakzeka"], patterns: [#"\#(word)|\p{N}|\#(symbols)|\#(spaces)"#]),
        Group(names: ["laguna"], patterns: [#"[^\n]+|[\n]+"#, modern(#"\p{N}"#)]),
        Group(
            names: ["minicpm5"], patterns: [#"\p{N}{1,3}"#, modern(#"\p{N}+"#)], ignoresMerges: true),
        Group(
            names: ["seed-coder"],
            patterns: [#"\#(contractions)|\#(word)|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\#(spaces)"#]),
        Group(
            names: ["bailingmoe", "bailingmoe2", "llada-moe"],
            patterns: [
                #"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|\#(word)|\p{N}|\#(symbols)|\s*[\r\n]|\s+(?!\S)|\s+"#
            ]),
        Group(
            names: ["exaone-moe"],
            patterns: [
                contractions
                    + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?"#
                    + #"|\s*[\r\n]|\s+(?!\S)|\s+"#
            ]),
        Group(
            names: ["jais-2"],
            patterns: [
                #"\#(contractions)|\#(word)|\p{N}{1,3}|\#(symbols)|\s*[\r\n]+"#
                    + [512, 256, 128, 64, 32, 16, 8, 4].map { #"|\s{\#($0)}(?!\S)"# }.joined()
                    + #"|\s{1,2}(?!\S)|\s{1}"#
            ]),
        Group(names: ["tekken"], patterns: [cased("", #"\p{N}"#)], ignoresMerges: true, addsBeginning: true),
        Group(
            names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"],
            patterns: [cased(contractions + "?", #"\p{N}{1,3}"#)]),
        Group(names: ["tiny_aya", "cohere2moe"], patterns: [digitsFromTheRight, marked(#"\p{N}{1,3}"#)]),
        Group(
            names: ["youtu"],
            patterns: [
                "[\u{AC00}-\u{D7A3}\u{3131}-\u{318E}]+"
                    + "|[\u{FF01}…“”‘’—\u{FF1A}\u{FF1B}\u{FF0C}\u{3001}-\u{303F}\u{FE30}-\u{FE4F}]+"
                    + "|[\u{3105}-\u{312F}]+|\(han)",
                marked(#"\p{N}"#),
            ],
            ignoresMerges: true),
        Group(
            names: ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
            patterns: [#"\p{N}{1,3}"#, han, deepSeek3 + #"[\r\n]*|"# + spaces]),
        Group(
            names: ["spark2_5"],
            patterns: [#"\p{N}{1,3}"#, han, deepSeek3 + #"|[\r\n]|\s+(?!\S)|\s+"#, #"\p{N}"#]),
        Group(
            names: ["afmoe"],
            patterns: [
                digitsFromTheRight,
                // The third range begins where llama.cpp's does, at a character that looks like U+F900.
                "[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{8C48}-\u{FAFF}\u{3040}-\u{309F}\u{30A0}-\u{30FF}"
                    + "\u{FF65}-\u{FF9F}\u{2F00}-\u{2FDF}\u{E40}-\u{E7F}\u{E80}-\u{EFF}\u{1780}-\u{17FF}"
                    + "\u{1000}-\u{109F}\u{AA60}-\u{AA7F}\u{A9E0}-\u{A9FF}\u{AC00}-\u{D7AF}\u{1100}-\u{11FF}]+",
                deepSeek3 + #"[\r\n]*|"# + spaces,
            ]),
        Group(
            names: ["deepseek-llm"],
            patterns: [
                #"[\r\n]"#, #"\s?\#(deepSeekLetters)+"#,
                #"\s?[!-/:-~\#u{FF01}-\#u{FF0F}\#u{FF1A}-\#u{FF5E}\#u{2018}-\#u{201F}\#u{3001}\#u{3002}]+"#, #"\s+$"#,
                deepSeekIdeographs, #"\p{N}+"#,
            ]),
        Group(
            names: ["deepseek-coder"],
            patterns: [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, deepSeekIdeographs, #"\p{N}"#]),
        Group(
            names: ["chameleon"],
            patterns: [
                "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", #"([\t\n]|    |  )"#, #"\p{N}"#,
                #"[\p{P}!-/:-@\[-`{-~]"#, gpt2,
            ],
            addsBeginning: true),
        Group(names: ["poro-chat", "bloom", "gpt3-finnish"], patterns: [#" ?[^(\s|.,!?…。，、।۔،)]+"#]),
        Group(names: ["viking"], patterns: [#" ?[^(\s|.,!?…。，、।۔،)]+"#, #"\p{N}"#]),
        Group(names: ["falcon"], patterns: [#"[\p{P}\$\+<=>\^~\|`]+"#, gpt2, "[0-9][0-9][0-9]"]),
        Group(
            names: ["default"], patterns: [#"[\p{P}\$\+<=>\^~\|]+"#, gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]"]),
    ]

    // Written as numbers, because editors confuse some of these characters with others that look the same.

    /// These ranges exclude white space: llama.cpp replaces it with a vertical tab before it matches them.
    private static let deepSeekIdeographs = #"[\#u{4E00}-\#u{9FA5}\#u{800}-\#u{4E00}\#u{AC00}-\#u{D7FF}&&\S]+"#

    /// The letters of the scripts that have capitals.
    private static let deepSeekLetters =
        "[A-Za-z\u{B5}\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{1BA}\u{1BC}-\u{1BF}\u{1C4}-\u{293}\u{295}-\u{2AF}"
        + "\u{370}-\u{373}\u{376}\u{377}\u{37B}-\u{37D}\u{37F}\u{386}\u{388}-\u{38A}\u{38C}\u{38E}-\u{3A1}"
        + "\u{3A3}-\u{3F5}\u{3F7}-\u{481}\u{48A}-\u{52F}\u{531}-\u{556}\u{10A0}-\u{10C5}\u{13A0}-\u{13F5}"
        + "\u{13F8}-\u{13FD}\u{1C90}-\u{1CBA}\u{1CBD}-\u{1CBF}\u{1D00}-\u{1D2B}\u{1D6B}-\u{1D77}"
        + "\u{1D79}-\u{1D9A}\u{1E00}-\u{1F15}\u{1F18}-\u{1F1D}\u{1F20}-\u{1F45}\u{1F48}-\u{1F4D}"
        + "\u{1F50}-\u{1F57}\u{1F59}\u{1F5B}\u{1F5D}\u{1F5F}-\u{1F7D}\u{1F80}-\u{1FB4}\u{1FB6}-\u{1FBC}\u{1FBE}"
        + "\u{1FC2}-\u{1FC4}\u{1FC6}-\u{1FCC}\u{1FD0}-\u{1FD3}\u{1FD6}-\u{1FDB}\u{1FE0}-\u{1FEC}"
        + "\u{1FF2}-\u{1FF4}\u{1FF6}-\u{1FFC}\u{2102}\u{2107}\u{210A}-\u{2113}\u{2115}\u{2119}-\u{211D}\u{2124}"
        + "\u{2126}\u{2128}\u{212A}-\u{212D}\u{212F}-\u{2134}\u{2139}\u{213C}-\u{213F}\u{2145}-\u{2149}\u{214E}"
        + "\u{2183}\u{2184}\u{2C00}-\u{2C7B}\u{2C7E}-\u{2CE4}\u{2CEB}-\u{2CEE}\u{2CF2}\u{2CF3}\u{A640}-\u{A66D}"
        + "\u{A680}-\u{A69B}\u{A722}-\u{A76F}\u{A771}-\u{A787}\u{A78B}-\u{A78E}\u{AB70}-\u{ABBF}"
        + "\u{FB00}-\u{FB06}\u{FB13}-\u{FB17}\u{FF21}-\u{FF3A}\u{FF41}-\u{FF5A}\u{10400}-\u{1044F}"
        + "\u{104B0}-\u{104D3}\u{104D8}-\u{104FB}\u{10C80}-\u{10CB2}\u{10CC0}-\u{10CF2}\u{118A0}-\u{118DF}"
        + "\u{1E900}-\u{1E943}]"
}
