/// Reads which token the `post_processor` of a `tokenizer.json` puts before a text.
enum PostProcessorReader {
    /// - Returns: the token's id; nil if there is none.
    static func beginningToken(_ field: JSONField?, depth: Int = 0) throws -> Int? {
        guard let field else { return nil }
        guard depth < 8 else { throw field.error("a Sequence within too many others") }
        let type = try field.required("type").string()
        switch type {
        case "ByteLevel": return nil
        case "Sequence":
            for element in try field.required("processors").elements() {
                if let id = try beginningToken(element, depth: depth + 1) { return id }
            }
            return nil
        case "TemplateProcessing":
            guard let first = try field.required("single").elements().first,
                let special = try first.field("SpecialToken")
            else { return nil }
            let name = try special.required("id").string()
            guard let token = try field.required("special_tokens").field(name) else {
                throw field.error("no special token \(name)")
            }
            return try token.required("ids").elements().first?.id()
        default:
            throw field.unsupported("the post-processor \(type)", supported: "ByteLevel or TemplateProcessing")
        }
    }
}
