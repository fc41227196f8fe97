import ChatTemplating
import DataFiles
import Foundation
import OrderedCollections

/// One message of a conversation: a role, a content, and any other fields that the model's template reads (`name`,
/// `tool_calls`, …), in order.
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
    /// Each is an object with a `role` (a string) and a `content`: a string, an array of parts, or null if there are
    /// `tool_calls`.
    ///
    /// - Throws: `InputError` that names the field at fault: `chat.json: messages[2].content`.
    public static func messages(contentsOf url: URL) throws -> [ChatMessage] {
        try messages(JSONField(contentsOf: url))
    }

    /// Parses JSON that holds an array of messages; see `messages(contentsOf:)`.
    ///
    /// - Parameter place: the name for the JSON in error messages.
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
        return ChatMessage(
            fields: try TemplateValue.dictionary(of: fields) { name in
                element.error("the field \(name) twice", remedy: "keep one of them")
            })
    }
}
