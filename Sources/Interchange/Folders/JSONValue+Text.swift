import DataFiles
import Foundation

extension JSONValue {
    /// The value as JSON text with two spaces of indentation; numbers keep their original digits.
    func text(indentation: Int = 0) throws -> String {
        let inner = String(repeating: " ", count: indentation + 2)
        let outer = String(repeating: " ", count: indentation)
        switch content {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let number): return number.text
        case .string(let string): return try Self.quoted(string)
        case .array(let elements):
            if elements.isEmpty { return "[]" }
            let lines = try elements.map { inner + (try $0.text(indentation: indentation + 2)) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        case .object(let fields):
            if fields.isEmpty { return "{}" }
            let lines = try fields.map { name, value in
                "\(inner)\(try Self.quoted(name)): \(try value.text(indentation: indentation + 2))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        }
    }

    private static func quoted(_ string: String) throws -> String {
        return String(decoding: try JSONEncoder.oneLine.encode(string), as: UTF8.self)
    }

    /// The object with one field changed, or added at its end; a value that is not an object is returned unchanged.
    func setting(_ name: String, _ value: Content) -> JSONValue {
        guard case .object(let fields) = content else { return self }
        var changed = JSONFields()
        for field in fields {
            let new = field.name == name ? JSONValue(value, line: field.value.line) : field.value
            _ = changed.append(field.name, new)
        }
        if fields[name] == nil { _ = changed.append(name, JSONValue(value, line: line)) }
        return JSONValue(.object(changed), line: line)
    }
}
