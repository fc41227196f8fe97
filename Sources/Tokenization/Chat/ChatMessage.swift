import ChatTemplating
import DataFiles
import Foundation
import OrderedCollections

/// One message of a conversation: a role, a content, and whatever other fields the model's template reads
/// (`name`, `tool_calls`, …), in their order.
public struct ChatMessage: Sendable, Equatable {
    /// All fields as the template sees them.
    public var fields: OrderedDictionary<String, TemplateValue>

    /// - Parameter role: who speaks: `system`, `user` or `assistant` in nearly all templates.
    public init(role: String, content: String) {
        fields = ["role": .string(role), "content": .string(content)]
    }

    /// A message with any fields; the template decides what it needs.
    public init(fields: OrderedDictionary<String, TemplateValue>) { self.fields = fields }

    /// Reads a JSON file that holds an array of messages.
    ///
    /// Each is an object with a `role` (a string) and a `content`: a string, an array of parts, or, where there are
    /// `tool_calls`, null.
    ///
    /// - Throws: `InputError` that names the field at fault: `chat.json: messages[2].content`.
    public static func messages(contentsOf url: URL) throws -> [ChatMessage] {
        try messages(JSONField(contentsOf: url))
    }

    /// Parses JSON that holds an array of messages; see `messages(contentsOf:)`.
    ///
    /// - Parameter place: what to call it in messages of errors.
    public static func messages(json: Data, place: String) throws -> [ChatMessage] {
        try messages(JSONField(JSONValue(parsing: json, file: place), file: place))
    }

    private static func messages(_ file: JSONField) throws -> [ChatMessage] {
        var list = file
        list.path = "messages"
        guard case .array = list.content else {
            throw list.error(
                "\(list.content.kindName) where an array should be", remedy: "give [{\"role\": …, \"content\": …}, …]")
        }
        let elements = try list.elements()
        guard !elements.isEmpty else { throw list.error("no message", remedy: "give at least one message") }
        return try elements.map(message)
    }

    private static func message(_ element: JSONField) throws -> ChatMessage {
        guard case .object(let fields) = element.content else {
            throw element.error(
                "\(element.content.kindName) where a message should be", remedy: "give {\"role\": …, \"content\": …}")
        }
        _ = try element.required("role").string()
        if let content = try element.field("content") {
            switch content.content {
            case .string, .array: break
            default:
                throw content.error(
                    "\(content.content.kindName) where a text should be", remedy: "give a string, or an array of parts")
            }
        } else if try element.field("tool_calls") == nil {
            var content = element
            content.path += ".content"
            throw content.error("no text", remedy: "give a string, or an array of parts")
        }
        return ChatMessage(fields: try dictionary(fields, in: element))
    }

    private static func dictionary(
        _ fields: JSONFields, in message: JSONField
    ) throws -> OrderedDictionary<String, TemplateValue> {
        var dictionary = OrderedDictionary<String, TemplateValue>(minimumCapacity: fields.count)
        for field in fields {
            // The reader compares names by their bytes; for the template those that are canonically equivalent are one.
            guard dictionary.updateValue(try value(field.value, in: message), forKey: field.name) == nil else {
                throw message.error("the field \(field.name) twice", remedy: "keep one of them")
            }
        }
        return dictionary
    }

    /// The nesting is bounded by the reader's.
    private static func value(_ value: JSONValue, in message: JSONField) throws -> TemplateValue {
        switch value.content {
        case .null: .null
        case .bool(let value): .bool(value)
        // As in Python: `2` is an integer, `2.0` a float.
        case .number(let number):
            (number.isIntegerLiteral ? number.integer : nil).map { .int($0) } ?? .float(number.double)
        case .string(let value): .string(value)
        case .array(let elements): .list(try elements.map { try Self.value($0, in: message) })
        case .object(let fields): .dictionary(try dictionary(fields, in: message))
        }
    }
}
