import ChatTemplating
import Foundation
import OrderedCollections
import _TestSupport

/// What Python's jinja2 made of a template.
struct ExpectedRendering: Decodable {
    var output: String?
    var error: String?
    var message: String?
    var line: Int?
}

struct SnippetCase: Decodable {
    var group: String
    var template: String
    var expected: ExpectedRendering

    private enum Keys: CodingKey { case group, template }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        group = try values.decode(String.self, forKey: .group)
        template = try values.decode(String.self, forKey: .template)
        expected = try ExpectedRendering(from: decoder)
    }
}

struct ConversationCase: Decodable {
    var template: String
    var conversation: String
    var expected: ExpectedRendering

    private enum Keys: CodingKey { case template, conversation }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        template = try values.decode(String.self, forKey: .template)
        conversation = try values.decode(String.self, forKey: .conversation)
        expected = try ExpectedRendering(from: decoder)
    }
}

struct SnippetFile: Decodable {
    var now: Date
    var variables: JSONValue
    var snippets: [SnippetCase]
    var templates: [ConversationCase]
}

struct ModelFile: Decodable {
    var templates: [ConversationCase]
}

struct DigestFile: Decodable {
    struct Template: Decodable {
        var template: String
        /// One for each conversation, separated by spaces.
        var digests: String
    }

    var templates: [Template]
}

struct ConversationFile: Decodable {
    struct Conversation: Decodable {
        var title: String
        var variables: JSONValue
    }

    var conversations: [Conversation]

    var variables: [String: OrderedDictionary<String, TemplateValue>] {
        Dictionary(uniqueKeysWithValues: conversations.map { ($0.title, $0.variables.dictionary) })
    }
}

/// A value as `make_template_cases.py` writes it: dictionaries as `{"pairs": …}` to keep their order, floats as
/// `{"float": …}` to tell 1.0 from 1.
struct JSONValue: Decodable {
    var value: TemplateValue

    private enum Keys: CodingKey { case pairs, float }

    init(from decoder: any Decoder) throws {
        if let tagged = try? decoder.container(keyedBy: Keys.self) {
            if let float = try tagged.decodeIfPresent(String.self, forKey: .float) {
                value = .float(Double(float) ?? .nan)
            } else {
                let pairs = try tagged.decode([[JSONValue]].self, forKey: .pairs).map { pair in
                    guard pair.count == 2, case .string(let name) = pair[0].value else {
                        throw DecodingError.dataCorruptedError(
                            forKey: .pairs, in: tagged, debugDescription: "not a pair of a name and a value")
                    }
                    return (name, pair[1].value)
                }
                value = .dictionary(OrderedDictionary(uniqueKeysWithValues: pairs))
            }
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            value = .null
        } else if let bool = try? single.decode(Bool.self) {
            value = .bool(bool)
        } else if let int = try? single.decode(Int.self) {
            value = .int(int)
        } else if let string = try? single.decode(String.self) {
            value = .string(string)
        } else {
            value = .list(try single.decode([JSONValue].self).map(\.value))
        }
    }

    var dictionary: OrderedDictionary<String, TemplateValue> {
        if case .dictionary(let dictionary) = value { return dictionary }
        return [:]
    }
}

enum TemplateFixtures {
    static let folder = FixtureLocation.fixtures.appending(path: "templates")
    /// The clock of `oracle.py`: 2025-03-07 09:05:03.
    static let now = Date(timeIntervalSince1970: 1_741_338_303)

    static func decode<Content: Decodable>(_ type: Content.Type, _ name: String) throws -> Content {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(contentsOf: folder.appending(path: name)))
    }
}
