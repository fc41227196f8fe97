import DataFiles
import Foundation

/// The settings in the files beside a `tokenizer.json`: the roles of tokens, and the chat template.
///
/// Any of these files may be missing.
struct HuggingFaceSettings {
    private let config: JSONField?
    private let map: JSONField?
    private let generation: JSONField?
    private let model: JSONField?
    private let templateFile: MappedFile?

    init(_ folder: any FileFolder) throws {
        func read(_ name: String) throws -> JSONField? {
            guard folder.has(name) else { return nil }
            return try JSONField(folder.file(name))
        }
        config = try read("tokenizer_config.json")
        map = try read("special_tokens_map.json")
        generation = try read("generation_config.json")
        model = try read("config.json")
        let template = "chat_template.jinja"
        templateFile = folder.has(template) ? try folder.file(template) : nil
    }

    /// The text of a special token such as `bos_token`: a string, or an object with `content`.
    func tokenText(_ key: String) throws -> String? {
        for file in [config, map] {
            guard let field = try file?.field(key) else { continue }
            if case .string(let text) = field.content { return text }
            return try field.required("content").string()
        }
        return nil
    }

    /// The ids for a key such as `eos_token_id`, which may be one id or several.
    func tokenIDs(_ key: String) throws -> [Int] {
        for file in [generation, model] {
            guard let field = try file?.field(key) else { continue }
            if case .array = field.content { return try field.elements().map { try $0.id() } }
            return [try field.id()]
        }
        return []
    }

    /// Whether `tokenizer_config.json` asks for the beginning-of-sequence token; nil if it doesn't say.
    func addsBeginning() throws -> Bool? { try config?.field("add_bos_token")?.bool() }

    /// The chat template: a file of its own, or an entry in `tokenizer_config.json` (one text, or several named texts,
    /// of which `default` is used).
    func chatTemplate() throws -> String? {
        if let templateFile {
            guard let text = String(validating: templateFile.bytes, as: UTF8.self) else {
                throw InputError.badData(
                    "a text that is not UTF-8", in: templateFile.path, remedy: "correct the file")
            }
            return text
        }
        guard let field = try config?.field("chat_template") else { return nil }
        if case .string(let text) = field.content { return text }
        let named = try field.elements()
        let chosen = try named.first { try $0.required("name").string() == "default" } ?? named.first
        return try chosen?.required("template").string()
    }
}
