/// Reads the `pre_tokenizer` of a `tokenizer.json`.
struct PreTokenizerReader {
    private(set) var prefix = HuggingFacePipeline.Prefix.none
    private(set) var stages: [PreTokenizerStage] = []
    /// Whether the words are tokenized as bytes.
    private(set) var isByteLevel = false
    private var isFirst = true

    static let supported = "ByteLevel, Split, Digits, Metaspace or a Sequence of them"

    /// - Parameter field: nil for a tokenizer without a pre-tokenizer.
    init(_ field: JSONField?) throws {
        if let field { try add(field, depth: 0) }
    }

    private mutating func add(_ field: JSONField, depth: Int) throws {
        guard depth < 8 else { throw field.error("a Sequence within too many others") }
        guard !isByteLevel else {
            throw field.unsupported("a pre-tokenizer after ByteLevel", supported: "ByteLevel as the last one")
        }
        let type = try field.required("type").string()
        switch type {
        case "Sequence":
            for element in try field.required("pretokenizers").elements() { try add(element, depth: depth + 1) }
        case "ByteLevel": try addByteLevel(field)
        case "Metaspace": try addMetaspace(field)
        case "Digits":
            let individual = try field.field("individual_digits")?.bool() ?? false
            add(.numbers(digits: individual ? 1 : .max))
        case "Split": try addSplit(field)
        default: throw field.unsupported("the pre-tokenizer \(type)", supported: Self.supported)
        }
    }

    private mutating func add(_ stage: PreTokenizerStage) {
        stages.append(stage)
        isFirst = false
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

    /// `prepend_scheme`, or what older files say in its place.
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
        guard let expression = try pattern.field("Regex") else {
            throw pattern.unsupported("a Split by a string", supported: "a Split by \(KnownPattern.supported)")
        }
        let text = try expression.string()
        guard let stage = KnownPattern.stage(for: text) else {
            throw expression.unsupported("the pattern \(text)", supported: KnownPattern.supported)
        }
        let behavior = try field.field("behavior")?.string() ?? "Isolated"
        let inverts = try field.field("invert")?.bool() ?? false
        // These patterns match all of a text, so that removing what is between the matches removes nothing.
        let matchesAll =
            switch stage {
            case .gpt2, .modern: true
            default: false
            }
        guard behavior == "Isolated" || behavior == "Removed" && inverts && matchesAll else {
            throw field.unsupported("a Split that is \(behavior)", supported: "a Split that is Isolated")
        }
        add(stage)
    }
}
