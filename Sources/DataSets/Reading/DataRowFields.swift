import DataFiles

/// Reads the fields of one row, with errors that name the file, line and field.
struct DataRowFields {
    let row: DataRow
    let file: String

    func failure(_ problem: String, remedy: String, kind: InputError.Kind = .badData) -> InputError {
        InputError(kind, problem, in: row.place.description(in: file), remedy: remedy)
    }

    private func value(_ name: String) throws -> JSONValue.Content {
        guard let value = row.fields[name]?.content else {
            throw failure(
                "no field `\(name)`", remedy: "give every row the fields of the first row's kind", kind: .missingPart)
        }
        return value
    }

    private func string(_ name: String) throws -> String {
        let value = try value(name)
        guard case .string(let text) = value else {
            throw failure("`\(name)` is \(value.kindName)", remedy: "write a string")
        }
        return text
    }

    /// A text that isn't empty.
    func text(_ name: String) throws -> String {
        let text = try string(name)
        if text.isEmpty { throw failure("`\(name)` is empty", remedy: "write a text") }
        return text
    }

    /// Prompt and completion, or the field that stands for both.
    func promptAndCompletion() throws -> (prompt: String, completion: String) {
        let present = ["text", "statement"].filter { row.fields[$0] != nil }
        guard let whole = present.first else {
            let (prompt, completion) = (try string("prompt"), try string("completion"))
            if prompt.isEmpty && completion.isEmpty {
                throw failure("`prompt` and `completion` are both empty", remedy: "write a text")
            }
            return (prompt, completion)
        }
        for other in present.dropFirst() + ["prompt", "completion"] where row.fields[other] != nil {
            throw failure("both `\(whole)` and `\(other)`", remedy: "keep `\(whole)`, or `prompt` and `completion`")
        }
        return ("", try text(whole))
    }

    func label() throws -> Bool {
        let value = try value("label")
        let remedy = row.isUntyped ? "write 1 or 0, or true or false" : "write true or false, or 1 or 0"
        switch value {
        case .bool(let label): return label
        case .number(let number):
            switch number.double {
            case 0: return false
            case 1: return true
            default: throw failure("`label` is the number \(number.text.prefix(20))", remedy: remedy)
            }
        case .string(let text) where row.isUntyped:
            switch text.trimming({ $0 == " " || $0 == "\t" }) {
            case "1", "true", "True", "TRUE": return true
            case "0", "false", "False", "FALSE": return false
            default: throw failure("`label` is \"\(text.prefix(20))\"", remedy: remedy)
            }
        default: throw failure("`label` is \(value.kindName)", remedy: remedy)
        }
    }

    /// The group's name; nil if the row has none.
    func group() throws -> String? {
        switch row.fields["group"]?.content {
        case nil, .null: nil
        case .string(let name): name.isEmpty && row.isUntyped ? nil : name
        case .number(let number): number.text
        case .some(let value): throw failure("`group` is \(value.kindName)", remedy: "write a string or a number")
        }
    }

    /// The marked part of a text, in UTF-8 bytes; nil if the row marks none.
    ///
    /// It is given either as the text itself, which must occur once, or as [from, to] in Unicode code points (Python's
    /// indices), `to` not included.
    func span(of text: String) throws -> Range<Int>? {
        let remedy = "write the marked words, or [from, to] in characters, where to is not included"
        switch row.fields["span"]?.content {
        case nil, .null: return nil
        case .string(let part):
            if part.isEmpty && row.isUntyped { return nil }
            let ranges = part.isEmpty ? [] : text.utf8Ranges(of: part)
            guard ranges.count == 1 else {
                throw failure(
                    ranges.isEmpty
                        ? "a `span` that the text doesn't have" : "a `span` that the text has more than once",
                    remedy: remedy)
            }
            return ranges[0]
        case .array(let bounds):
            let numbers = bounds.compactMap { bound -> Int? in
                if case .number(let number) = bound.content { number.integer } else { nil }
            }
            let scalars = text.unicodeScalars
            guard numbers.count == 2, bounds.count == 2, numbers[0] >= 0, numbers[0] < numbers[1],
                numbers[1] <= scalars.count
            else { throw failure("a `span` outside the text", remedy: remedy) }
            let start = scalars.prefix(numbers[0]).reduce(0) { $0 + $1.utf8.count }
            let length = scalars.dropFirst(numbers[0]).prefix(numbers[1] - numbers[0]).reduce(0) { $0 + $1.utf8.count }
            return start..<start + length
        case .some(let value): throw failure("`span` is \(value.kindName)", remedy: remedy)
        }
    }

    /// Two lists of texts with none in common.
    func sides(_ first: String, _ second: String) throws -> ([String], [String]) {
        let sides = (try texts(first), try texts(second))
        if let shared = sides.0.first(where: sides.1.contains) {
            throw failure("\"\(shared.prefix(40))\" is in `\(first)` and in `\(second)`", remedy: "keep it in one")
        }
        return sides
    }

    /// A string or an array of strings: at least one, none empty.
    private func texts(_ name: String) throws -> [String] {
        let value = try value(name)
        let remedy = "write a string or an array of strings"
        let texts: [String]
        switch value {
        case .string(let text): texts = [text]
        case .array(let elements):
            texts = try elements.map { element in
                guard case .string(let text) = element.content else {
                    throw failure("`\(name)` is an array of things other than strings", remedy: remedy)
                }
                return text
            }
        default: throw failure("`\(name)` is \(value.kindName)", remedy: remedy)
        }
        if texts.isEmpty || texts.contains("") {
            throw failure("`\(name)` has an empty text or none", remedy: "write at least one text")
        }
        return texts
    }
}

extension String {
    /// Where a part occurs, in UTF-8 bytes; occurrences may overlap.
    func utf8Ranges(of part: String) -> [Range<Int>] {
        let (text, part) = (Array(utf8), Array(part.utf8))
        guard !part.isEmpty, part.count <= text.count else { return [] }
        return (0...text.count - part.count).filter { text[$0...].starts(with: part) }.map { $0..<$0 + part.count }
    }
}
