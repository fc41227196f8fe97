import DataSets
import Foundation
import Tokenization

/// Warnings about texts that another program has already prepared for a model, and that are now prepared once more.
struct RenderedTexts {
    private let tokenizer: Tokenizer
    private let console: Console
    private let controlTokens: Set<Int>

    init(_ tokenizer: Tokenizer, _ console: Console) {
        self.tokenizer = tokenizer
        self.console = console
        controlTokens = Set(tokenizer.specialTokens.filter { $0.attribute == .control }.map(\.id))
    }

    /// Warns of a prompt that begins with the token that the model adds.
    ///
    /// - Parameter tokens: the tokens of the prompt, as they go to the model.
    func warnOfDoubledBeginning(_ tokens: [Int]) {
        guard tokenizer.addsBeginning, tokens.count > 1, tokens[0] == tokenizer.bosToken, tokens[1] == tokens[0] else {
            return
        }
        console.warning(
            "the prompt begins with \(beginning) twice: the model asks for it, and the text has it too; leave it out of the text"
        )
    }

    /// Warns of rows of a data set that begin with the token that the model adds, or that go through the chat template
    /// although they already have control tokens in them.
    func warn(_ file: DataFile, usesChatTemplate: Bool) {
        let texts = file.data.texts
        let name = file.name
        if usesChatTemplate {
            let marks = texts.compactMap(controlToken)
            guard let mark = marks.first else { return }
            console.warning(
                "\(marks.count) of \(texts.count) rows of \(name) have special tokens in their texts (\(mark)) and go "
                    + "through the chat template all the same; give plain texts, or leave --chat out")
        } else if tokenizer.addsBeginning, let bos = tokenizer.bosToken {
            let doubled = texts.count {
                (try? tokenizer.encode(String($0.prefix(100)), specialTokens: .parsed).first) == bos
            }
            guard doubled > 0 else { return }
            console.warning(
                "\(doubled) of \(texts.count) rows of \(name) begin with \(beginning) twice: the model asks for it, and the "
                    + "texts have it too; leave it out of the texts")
        }
    }

    /// Warns of a message that goes through the chat template although it already has control tokens in it.
    func warn(message: String) {
        guard let mark = controlToken(in: message) else { return }
        console.warning(
            "the message has a special token in it (\(mark)) and goes through the chat template all the same; give plain "
                + "text, or a rendered prompt with --prompt")
    }

    /// The first control token in the text, as it is written there.
    private func controlToken(in text: String) -> String? {
        guard let ids = try? tokenizer.encode(text, specialTokens: .parsed) else { return nil }
        return ids.first(where: controlTokens.contains).flatMap { try? tokenizer.piece($0) }
    }

    private var beginning: String { tokenizer.bosToken.flatMap { try? tokenizer.piece($0) } ?? "the beginning" }
}

extension DataSet {
    /// What a model reads first in each row: a text, a prompt or a question.
    fileprivate var texts: [String] {
        switch self {
        case .labelled(let rows): rows.map(\.text)
        case .choice(let rows): rows.map(\.question)
        case .contrast(let rows): rows.map(\.prompt)
        }
    }
}
