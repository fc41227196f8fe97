/// Reads the `pre_tokenizer` of a `tokenizer.json`.
struct PreTokenizerReader {
    private(set) var prefix = HuggingFacePipeline.Prefix.none
    /// The steps that read the text, and the steps after `ByteLevel`, which read its alphabet.
    private(set) var preTokenizer = PreTokenizer(stages: [])
    /// Whether the words are tokenized as bytes.
    private(set) var isByteLevel = false
    private var isFirst = true

    static let supported = "ByteLevel, Split, Digits, Punctuation, Metaspace or a Sequence of them"

    /// - Parameter field: nil for a tokenizer without a pre-tokenizer.
    init(_ field: JSONField?) throws {
        if let field { try add(field, depth: 0) }
    }

    private mutating func add(_ field: JSONField, depth: Int) throws {
        guard depth < 8 else { throw field.error("a Sequence within too many others") }
        let type = try field.required("type").string()
        if isByteLevel, !["Sequence", "Split", "Digits", "Punctuation"].contains(type) {
            throw field.unsupported(
                "the pre-tokenizer \(type) after ByteLevel", supported: "Split, Digits or Punctuation there")
        }
        switch type {
        case "Sequence":
            for element in try field.required("pretokenizers").elements() { try add(element, depth: depth + 1) }
        case "ByteLevel": try addByteLevel(field)
        case "Metaspace": try addMetaspace(field)
        case "Digits":
            let individual = try field.field("individual_digits")?.bool() ?? false
            add(.numbers(digits: individual ? 1 : .max))
        case "Punctuation":
            // ASCII symbols count too, as in Rust's `is_ascii_punctuation`.
            try add(pattern: #"[!-/:-@\[-`{-~\p{P}]"#, try behavior(field), inverts: false, field)
        case "Split": try addSplit(field)
        default: throw field.unsupported("the pre-tokenizer \(type)", supported: Self.supported)
        }
    }

    private mutating func add(_ stage: PreTokenizerStage) {
        if isByteLevel { preTokenizer.byteStages.append(stage) } else { preTokenizer.stages.append(stage) }
        isFirst = false
    }

    private mutating func add(
        pattern: String, _ behavior: SplitBehavior, inverts: Bool, _ field: JSONField
    ) throws {
        do {
            if let stage = KnownPattern.stage(for: pattern), !(isByteLevel && stage.matchesAll) {
                // If nothing lies between the matches, removing what lies between them has no effect.
                if behavior == .isolated || behavior == .removed && inverts && stage.matchesAll { return add(stage) }
            }
            add(.pattern(try SplitPattern(pattern), behavior, inverts: inverts))
        } catch {
            throw field.unsupported(
                "\(error.construct) in the pattern \(pattern)",
                supported: "patterns of groups, classes of categories, quantifiers and lookahead")
        }
    }

    private mutating func addByteLevel(_ field: JSONField) throws {
        if try field.field("add_prefix_space")?.bool() ?? true {
            guard isFirst else {
                throw field.unsupported(
                    "ByteLevel with add_prefix_space after another pre-tokenizer", supported: "it as the first one")
            }
            prefix = .space
        }
        if try field.field("use_regex")?.bool() ?? true { add(.gpt2) }
        isByteLevel = true
    }

    private mutating func addMetaspace(_ field: JSONField) throws {
        let mark = try field.field("replacement")?.string() ?? "▁"
        guard isFirst, Array(mark.utf8) == SpaceMark.bytes else {
            throw field.unsupported(
                "Metaspace with the replacement \(mark) or after another pre-tokenizer",
                supported: "Metaspace as the first one, with ▁")
        }
        prefix = .mark(SpaceMark.bytes, try Self.scheme(field))
        if try field.field("split")?.bool() ?? true { add(.beforeSpaceMark) }
        isFirst = false
    }

    /// `prepend_scheme`, or its counterpart in older files.
    static func scheme(_ field: JSONField) throws -> HuggingFacePipeline.MarkScheme {
        if let name = try field.field("prepend_scheme") {
            guard let scheme = HuggingFacePipeline.MarkScheme(rawValue: try name.string()) else {
                throw name.unsupported("the scheme \(try name.string())", supported: "always, first or never")
            }
            return scheme
        }
        return try field.field("add_prefix_space")?.bool() == false ? .never : .always
    }

    private mutating func addSplit(_ field: JSONField) throws {
        let pattern = try field.required("pattern")
        let inverts = try field.field("invert")?.bool() ?? false
        if let expression = try pattern.field("Regex") {
            return try add(pattern: try expression.string(), try behavior(field), inverts: inverts, expression)
        }
        let text = try pattern.required("String")
        guard try !text.string().isEmpty else { throw text.error("a Split by the empty text") }
        try add(pattern: Self.escaped(text.string()), try behavior(field), inverts: inverts, text)
    }

    /// The pattern that matches exactly this text.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar), scalar.value > 0x20 {
                result += "\\"
            }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    private func behavior(_ field: JSONField) throws -> SplitBehavior {
        guard let name = try field.field("behavior") else { return .isolated }
        guard let behavior = SplitBehavior(rawValue: try name.string()) else {
            throw name.unsupported(
                "the behavior \(try name.string())",
                supported: "Isolated, Removed, MergedWithPrevious, MergedWithNext or Contiguous")
        }
        return behavior
    }
}
