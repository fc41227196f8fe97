import DataFiles
import Foundation

extension Tokenizer {
    /// The tokenizer of a Hugging Face folder.
    ///
    /// It reads `tokenizer.json` (a BPE model with the constructs that Llama, SmolLM2 and Qwen tokenizers use) and, if
    /// they exist, `tokenizer_config.json`, `special_tokens_map.json`, `generation_config.json`, `config.json` and
    /// `chat_template.jinja`. It gives the same ids as Hugging Face's `tokenizers`.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if there is no `tokenizer.json`; `.badData` that names the
    ///   field at fault or the unsupported construct.
    /// - Complexity: O(size of the files).
    public init(huggingFaceFolder folder: URL) throws {
        try self.init(huggingFaceFolder: DiskFolder(folder))
    }

    /// The tokenizer of a Hugging Face folder; see ``init(huggingFaceFolder:)-(URL)``.
    public init(huggingFaceFolder folder: any FileFolder) throws {
        let name = "tokenizer.json"
        guard folder.has(name) else {
            throw InputError.missingFile(
                folder.path(of: name),
                remedy: "add the model's tokenizer.json, or use a .gguf file, which holds its tokenizer")
        }
        let file = try JSONField(folder.file(name))
        let settings = try HuggingFaceSettings(folder)
        let reader = try BPEModelReader(try file.required("model"))
        let added = try AddedTokenReader(try file.field("added_tokens")).placed(in: reader)
        let preTokenizer = try PreTokenizerReader(try file.field("pre_tokenizer"))
        let normalizers = try NormalizerReader.read(try file.field("normalizer"))
        guard let decoder = try file.field("decoder") else {
            throw file.unsupported("a tokenizer without a decoder", supported: DecoderReader.supported)
        }

        var vocabulary = try Vocabulary(reader, added, file)
        let model = try reader.model(isByteLevel: preTokenizer.isByteLevel, tokenCount: vocabulary.count)
        let splits =
            model.wholeWords == .none && model.pieces.id(of: SpaceMark.bytes) >= 0
            && SpaceMark.neverFollowsText(in: reader.entries.lazy.map(\.text))
        let roles = try TokenRoles(
            settings, &vocabulary, beginning: PostProcessorReader.beginningToken(try file.field("post_processor")))
        self.init(
            kind: TokenizerKind(algorithm: preTokenizer.isByteLevel ? .byteLevelBPE : .characterBPE),
            vocabulary: vocabulary,
            pipeline: HuggingFacePipeline(
                rawMatcher: added.matcher(normalized: false, normalizers: normalizers),
                normalizedMatcher: added.matcher(normalized: true, normalizers: normalizers),
                normalizers: normalizers, prefix: preTokenizer.prefix,
                preTokenizer: preTokenizer.after(normalizers), model: model, splitsBeforeSpaceMark: splits),
            decoder: try DecoderReader.read(decoder), roles: roles, chatTemplate: try settings.chatTemplate(),
            place: folder.path)
    }
}

extension Vocabulary {
    /// The model's pieces and the added tokens.
    fileprivate init(_ reader: BPEModelReader, _ added: AddedTokenReader, _ file: JSONField) throws {
        let entries = reader.entries.map { ($0.text, $0.id) } + added.tokens.map { ($0.text, $0.id) }
        guard let last = entries.map(\.1).max() else { throw file.error("an empty vocabulary") }
        guard last < entries.count * 8 + 65536 else {
            throw file.error("the token id \(last) among \(entries.count) tokens")
        }
        var texts = [String](repeating: "", count: last + 1)
        var attributes = [TokenAttribute](repeating: .unused, count: last + 1)
        for (text, id) in reader.entries {
            texts[id] = text
            attributes[id] = reader.hasByteFallback && Vocabulary.byte(named: text) != nil ? .byte : .normal
        }
        if let unknown = reader.unknownText.flatMap(reader.id) { attributes[unknown] = .unknown }
        for token in added.tokens {
            texts[token.id] = token.text
            attributes[token.id] = token.isSpecial ? .control : .userDefined
        }
        self.init(texts: texts, attributes: attributes)
    }

    fileprivate func id(spelled text: String) -> Int? { texts.firstIndex { $0.utf8.elementsEqual(text.utf8) } }
}

extension PreTokenizerReader {
    /// The steps, without a split by spaces if the normalizers leave no spaces (Gemma).
    ///
    /// A text without steps can be merged word by word.
    fileprivate func after(_ normalizers: [TextNormalizer]) -> PreTokenizer {
        guard case .replace(from: [0x20], to: let mark)? = normalizers.last, !mark.contains(0x20) else {
            return preTokenizer
        }
        var kept = preTokenizer
        kept.stages.removeAll { stage in
            guard case .pattern(let pattern, _, inverts: false) = stage else { return false }
            return pattern.source == Self.escaped(" ")
        }
        return kept
    }
}

extension AddedTokenReader {
    /// The tokens, with the model's own ids for those that are also pieces; these take precedence, as in Hugging Face's
    /// library.
    fileprivate func placed(in reader: BPEModelReader) -> AddedTokenReader {
        AddedTokenReader(
            tokens: tokens.map { token in
                var token = token
                token.id = reader.id(token.text) ?? token.id
                return token
            })
    }
}

extension TokenRoles {
    fileprivate init(_ settings: HuggingFaceSettings, _ vocabulary: inout Vocabulary, beginning: Int?) throws {
        func valid(_ ids: [Int]) -> [Int] { ids.filter { $0 < vocabulary.count } }
        let ends = valid(try settings.tokenIDs("eos_token_id"))
        let bos = try settings.tokenText("bos_token").flatMap { vocabulary.id(spelled: $0) }
        let eos = try settings.tokenText("eos_token").flatMap { vocabulary.id(spelled: $0) }
        let end = eos ?? ends.first
        self.init(
            beginning: try bos ?? valid([beginning].compactMap { $0 } + settings.tokenIDs("bos_token_id")).first,
            end: end,
            endOfGeneration: EndOfGeneration.find(
                in: &vocabulary, named: [end] + ends, believesAttributes: true),
            addsBeginning: try settings.addsBeginning() ?? (beginning != nil))
    }
}
