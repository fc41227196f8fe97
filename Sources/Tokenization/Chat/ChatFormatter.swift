import ChatTemplating
import DataFiles
import Foundation
import OrderedCollections

/// A conversation as the model reads it.
public struct FormattedChat: Sendable, Equatable {
    /// What the model's chat template makes of the messages, special tokens written out.
    public let text: String
    /// Its tokens: special tokens parsed, nothing added (the template writes the beginning token itself).
    public let ids: [Int]
}

/// Turns conversations into prompts with the model's own chat template.
///
/// ```swift
/// let formatter = try ChatFormatter(tokenizer)
/// let chat = try formatter.format([ChatMessage(role: "user", content: "Hello")], addGenerationPrompt: true)
/// ```
public struct ChatFormatter: Sendable {
    private let tokenizer: Tokenizer
    private let template: Template

    /// Reads the model's template; O(template).
    ///
    /// - Throws: `InputError` where the model has none, or one that this interpreter can't read: with the construct and
    ///   the line.
    public init(_ tokenizer: Tokenizer) throws {
        guard let source = tokenizer.chatTemplate else {
            throw InputError.badData(
                "no chat template", in: tokenizer.place,
                remedy: "use an instruct model, or give the conversation as a plain prompt")
        }
        self.tokenizer = tokenizer
        do {
            template = try Template(source)
        } catch {
            throw Self.inputError(error, place: tokenizer.place)
        }
    }

    /// Renders the messages and tokenizes the result.
    ///
    /// - Parameters:
    ///   - addGenerationPrompt: whether the text ends with the beginning of the assistant's answer.
    ///   - variables: more variables for the template (`tools`, `enable_thinking`); they replace those given by default.
    ///   - now, timeZone: the moment that templates which write the date are told; give a fixed one where the same
    ///     messages must give the same prompt another day.
    /// - Throws: `InputError` with what the template objects to, its construct and line.
    public func format(
        _ messages: [ChatMessage], addGenerationPrompt: Bool = true,
        variables: OrderedDictionary<String, TemplateValue> = [:], now: Date = Date(), timeZone: TimeZone = .gmt
    ) throws -> FormattedChat {
        var all: OrderedDictionary<String, TemplateValue> = [
            "messages": .list(messages.map { .dictionary($0.fields) }),
            "tools": .null, "documents": .null,
            "add_generation_prompt": .bool(addGenerationPrompt),
        ]
        let roles: [(String, Int?)] = [
            ("bos_token", tokenizer.bosToken), ("eos_token", tokenizer.eosToken),
            ("unk_token", tokenizer.specialTokens.first { $0.attribute == .unknown }?.id),
        ]
        for case (let name, let id?) in roles { all[name] = .string(tokenizer.vocabulary.texts[id]) }
        all.merge(variables) { $1 }
        let text: String
        do {
            text = try template.render(all, now: now, timeZone: timeZone)
        } catch {
            throw Self.inputError(error, place: tokenizer.place)
        }
        return FormattedChat(text: text, ids: try tokenizer.encode(text, specialTokens: .parsed))
    }

    private static func inputError(_ error: TemplateError, place: String) -> InputError {
        var origin = "\(place): chat template, line \(error.line)"
        if !error.construct.isEmpty { origin += ", \(error.construct)" }
        if case .raisedByTemplate(let message) = error.kind {
            return .badData(
                "the model's chat template refuses the messages (\(message))", in: origin,
                remedy: error.remedy.isEmpty ? "change the messages" : error.remedy)
        }
        return .badData(
            error.message, in: origin,
            remedy: error.remedy.isEmpty
                ? "change the messages, or give the conversation as a plain prompt" : error.remedy)
    }
}
