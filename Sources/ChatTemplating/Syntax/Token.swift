/// A token of the template: text between tags, the start or end of a tag, or a word inside a tag.
struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case data(Text)
        case outputBegin, outputEnd
        case blockBegin, blockEnd
        case name(String)
        case string(Text)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    var kind: Kind
    var line: Int

    /// The token as the template spells it, for error messages.
    var spelling: String {
        switch kind {
        case .data: "template text"
        case .outputBegin: "{{"
        case .outputEnd: "}}"
        case .blockBegin: "{%"
        case .blockEnd: "%}"
        case .name(let name): name
        case .string: "a string"
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .symbol(let symbol): symbol
        case .end: "the end of the template"
        }
    }
}
