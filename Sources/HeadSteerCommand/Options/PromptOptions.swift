import ArgumentParser
import DataFiles
import Tokenization

/// The text or the tokens that a model gets.
struct PromptOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The text. A beginning-of-sequence token goes before it where the model asks for one.", valueName: "text"))
    var prompt: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The tokens, used exactly as they are: 1,2,3.", valueName: "ids"))
    var ids: TokenList?

    @Flag(help: "Text that looks like a special token (<|im_start|>) is plain text.")
    var noSpecial = false

    /// The special tokens' handling that the flag asks for.
    var specialTokens: SpecialTokenHandling { noSpecial ? .plainText : .parsed }

    /// Makes sure that there is one source of tokens.
    func requireOne() throws {
        guard (prompt == nil) != (ids == nil) else {
            throw ValidationError(
                prompt == nil
                    ? "there is no prompt; give --prompt TEXT or --ids 1,2,3"
                    : "--prompt and --ids exclude each other; give one of them")
        }
    }

    /// The tokens that the options ask for.
    ///
    /// - Throws: `InputError` if there are none.
    func tokens(_ model: OpenedModel) throws -> [Int] {
        if let ids { return try Self.require(ids.ids) }
        guard let prompt else {
            throw InputError.usage("there is no prompt", remedy: "give --prompt TEXT or --ids 1,2,3")
        }
        return try Self.require(model.promptTokens(prompt, specialTokens: specialTokens))
    }

    private static func require(_ tokens: [Int]) throws -> [Int] {
        guard !tokens.isEmpty else {
            throw InputError.usage("the prompt has no tokens", remedy: "give at least one character or id")
        }
        return tokens
    }
}
