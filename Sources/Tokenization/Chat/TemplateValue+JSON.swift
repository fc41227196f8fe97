import ChatTemplating
import DataFiles
import Foundation
import OrderedCollections

extension TemplateValue {
    /// A template variable as a person writes it: the JSON value if the text is JSON, otherwise the text itself.
    ///
    /// `false` is a Boolean and `2` a number; `"false"` in quotes and `26 Jul 2024` are texts.
    public init(written text: String) {
        guard let json = try? JSONValue(parsing: Data(text.utf8), file: ""), let value = try? TemplateValue(json) else {
            self = .string(text)
            return
        }
        self = value
    }

    /// A JSON value as a template sees it.
    ///
    /// The JSON reader limits the nesting.
    ///
    /// - Parameter twice: makes the error for a name that occurs twice in an object.
    init(
        _ json: JSONValue,
        twice: (String) -> InputError = { .usage("the field \($0) twice", remedy: "keep one of them") }
    ) throws {
        switch json.content {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        // As in Python: `2` is an integer, `2.0` a float.
        case .number(let number):
            self = (number.isIntegerLiteral ? number.integer : nil).map { .int($0) } ?? .float(number.double)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .list(try elements.map { try TemplateValue($0, twice: twice) })
        case .object(let fields): self = .dictionary(try Self.dictionary(of: fields, twice: twice))
        }
    }

    static func dictionary(
        of fields: JSONFields, twice: (String) -> InputError
    ) throws -> OrderedDictionary<String, TemplateValue> {
        var dictionary = OrderedDictionary<String, TemplateValue>(minimumCapacity: fields.count)
        for field in fields {
            // The reader compares names by their bytes, but a template treats canonically equivalent names as the same.
            guard
                dictionary.updateValue(try TemplateValue(field.value, twice: twice), forKey: field.name) == nil
            else { throw twice(field.name) }
        }
        return dictionary
    }
}
