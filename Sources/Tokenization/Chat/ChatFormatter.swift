import ChatTemplating
import DataFiles
import Foundation
import OrderedCollections

/// A conversation as the model reads it.
public struct FormattedChat: Sendable, Equatable {
    /// The output of the model's chat template for the messages, with special tokens written out.
    public let text: String
    /// The tokens of the text: special tokens are parsed and nothing is added (the template writes the beginning token
    /// itself).
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
    /// The settings that the template gets: the tokenizer's own, with the date filled in if they have none.
    public let settings: ChatTemplateSettings

    /// Reads the model's template; O(template).
    ///
    /// - Throws: `InputError` if the model has no template, or one that this interpreter can't read. The error gives
    ///   the construct and the line.
    public init(_ tokenizer: Tokenizer) throws {
        guard let source = tokenizer.chatTemplate else {
            throw InputError.badData(
                "no chat template", in: tokenizer.place,
                remedy: "use an instruct model, or give the conversation as a plain prompt")
        }
        self.tokenizer = tokenizer
        var settings = tokenizer.templateSettings
        settings.date = settings.date ?? .today
        self.settings = settings
        do {
            template = try Template(source)
        } catch {
            throw Self.inputError(error, place: tokenizer.place)
        }
    }

    /// The variables in the settings that the template never reads; they have no effect.
    public var unreadVariables: [String] { settings.variables.keys.filter { !template.names.contains($0) } }

    /// The names that the template reads, including its own; any of them can be the name of a variable.
    public var templateNames: Set<String> { template.names }

    /// Renders the messages and tokenizes the result.
    ///
    /// - Parameter addGenerationPrompt: whether the text ends with the beginning of the assistant's answer.
    /// - Throws: `InputError` that says what the template objects to, with the construct and the line.
    public func format(_ messages: [ChatMessage], addGenerationPrompt: Bool = true) throws -> FormattedChat {
        var all: OrderedDictionary<String, TemplateValue> = [
            "tools": .null, "documents": .null, "add_generation_prompt": .bool(addGenerationPrompt),
        ]
        let roles: [(String, Int?)] = [
            ("bos_token", tokenizer.bosToken), ("eos_token", tokenizer.eosToken),
            ("unk_token", tokenizer.specialTokens.first { $0.attribute == .unknown }?.id),
        ]
        for case (let name, let id?) in roles { all[name] = .string(tokenizer.vocabulary.texts[id]) }
        all.merge(settings.variables) { $1 }
        all["messages"] = .list(messages.map { .dictionary(Self.fields(of: $0)) })
        let text: String
        do {
            text = try template.render(all, now: (settings.date ?? .today).start)
        } catch {
            throw Self.inputError(error, place: tokenizer.place)
        }
        return FormattedChat(text: text, ids: try tokenizer.encode(text, specialTokens: .parsed))
    }

    /// The message's fields, with the assistant's reasoning under each of the names that templates read, as in
    /// transformers.
    private static func fields(of message: ChatMessage) -> OrderedDictionary<String, TemplateValue> {
        let thoughts = ["reasoning_content", "thinking", "reasoning"].lazy.compactMap { message.fields[$0] }
        guard let thought = thoughts.first(where: { $0 != .null }) else { return message.fields }
        var fields: OrderedDictionary<String, TemplateValue> = ["thinking": thought]
        fields.merge(message.fields) { $1 }
        fields["reasoning_content"] = thought
        return fields
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
