import ArgumentParser
import DataFiles
import Tokenization

/// Options for the text or the tokens that a model gets.
struct PromptOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The prompt as text. A beginning-of-sequence token is put before it if the model asks for one.",
            valueName: "text"))
    var prompt: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The prompt as token ids, used exactly as they are: 1,2,3.", valueName: "ids"))
    var ids: TokenList?

    @Flag(help: "Read text that looks like a special token (<|im_start|>) as plain text.")
    var noSpecial = false

    /// The handling of special tokens that the flag asks for.
    var specialTokens: SpecialTokenHandling { noSpecial ? .plainText : .parsed }

    /// Makes sure that there is exactly one source of tokens.
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
