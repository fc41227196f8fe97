import DataFiles
import Foundation

/// A text without a label, as in files of clean texts and of texts to score.
public struct PlainText: Sendable, Equatable {
    /// What the model was asked; empty if the text is all there is.
    public var prompt: String
    /// What was written after the prompt; empty if the model is to write it.
    public var completion: String
    /// The text's group, shared with related texts (a question, a template): a group's texts stay on one side of every
    /// split.
    public var group: String
    /// The line of the file on which the text begins, from 1; 0 for none.
    public var line: Int

    /// Makes a text; without a line it counts as coming from no file.
    public init(prompt: String = "", completion: String = "", group: String, line: Int = 0) {
        self.prompt = prompt
        self.completion = completion
        self.group = group
        self.line = line
    }
}

extension PlainText {
    /// Reads a file of texts, a JSON array or JSON Lines.
    ///
    /// Each element is a string, or an object with `text`, or with `prompt` and `completion` (either may be left out).
    /// It may name a `group`; otherwise each text is its own group. Other fields are ignored, so that labelled data
    /// sets can be read too. `statement` may stand for `text`.
    ///
    /// - Throws: `InputError` that names the file, the line and the field.
    public static func texts(contentsOf url: URL) throws -> [PlainText] {
        try texts(parsing: MappedFile.contents(of: url), file: url.lastPathComponent)
    }

    /// Reads the content of a file of texts; see ``texts(contentsOf:)``.
    ///
    /// - Parameter file: the file's name in error messages.
    public static func texts(parsing data: Data, file: String) throws -> [PlainText] {
        let values = try elements(data, file: file)
        guard !values.isEmpty else {
            throw InputError.badData("no texts", in: file, remedy: "give at least one text")
        }
        var texts: [PlainText] = []
        var named: Set<String> = []
        var unnamed: [Int] = []
        for value in values {
            let (text, hasGroup) = try PlainText.read(value, file: file)
            if hasGroup { named.insert(text.group) } else { unnamed.append(texts.count) }
            texts.append(text)
        }
        for index in unnamed {
            var name = "text \(index + 1)"
            while named.contains(name) { name += "'" }
            texts[index].group = name
        }
        return texts
    }

    private static func elements(_ data: Data, file: String) throws -> [JSONValue] {
        let bytes = data.starts(with: JSONReader.byteOrderMark) ? data.dropFirst(3) : data[...]
        guard let first = bytes.first(where: { !JSONReader.isSpace($0) }) else {
            throw InputError.badData("nothing", in: file, remedy: "give a JSON array of texts, or one text a line")
        }
        if first == UInt8(ascii: "[") {
            let value = try JSONValue(parsing: Data(bytes), file: file)
            guard case .array(let elements) = value.content else { return [] }
            return elements
        }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") else {
            throw InputError(
                .unreadable, "neither a JSON array nor JSON Lines", in: file,
                remedy: #"give a JSON array of texts, or one {"prompt": "…", "completion": "…"} a line"#)
        }
        var values: [JSONValue] = []
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { !JSONReader.isSpace($0) }) else { continue }
            let value = try Data(line).withUnsafeBytes { raw in
                try raw.withMemoryRebound(to: UInt8.self) { bytes in
                    var reader = JSONReader(bytes, range: 0..<bytes.count, line: index + 1, file: file)
                    let value = try reader.value()
                    guard reader.peek() == nil else { throw reader.failure("text after the end of a row") }
                    return value
                }
            }
            values.append(value)
        }
        return values
    }

    private static func read(_ value: JSONValue, file: String) throws -> (text: PlainText, hasGroup: Bool) {
        let place = "\(file): line \(value.line)"
        if case .string(let text) = value.content {
            guard !text.isEmpty else { throw InputError.badData("an empty text", in: place, remedy: "write a text") }
            return (PlainText(completion: text, group: "", line: value.line), false)
        }
        guard case .object(let fields) = value.content else {
            throw InputError.badData(
                "\(value.content.kindName) where a text should be", in: place,
                remedy: #"write a string, or {"prompt": "…", "completion": "…"}"#)
        }
        func string(_ name: String) throws -> String? {
            switch fields[name]?.content {
            case nil, .null: return nil
            case .string(let text): return text
            case .some(let other):
                throw InputError.badData(
                    "`\(name)` is \(other.kindName)", in: place, remedy: "write a string")
            }
        }
        let whole = try string("text") ?? string("statement")
        let (prompt, completion) = (try string("prompt"), try string("completion"))
        guard whole == nil || (prompt == nil && completion == nil) else {
            throw InputError.badData(
                "both `text` and `prompt` or `completion`", in: place,
                remedy: "keep `text`, or `prompt` and `completion`")
        }
        guard let text = whole ?? ((prompt ?? "") + (completion ?? "")) as String?, !text.isEmpty else {
            throw InputError(
                .missingPart, "no text", in: place, remedy: #"give it `text`, or `prompt` and `completion`"#)
        }
        let group: String?
        switch fields["group"]?.content {
        case nil, .null: group = nil
        case .string(let name): group = name
        case .number(let number): group = number.text
        case .some(let other):
            throw InputError.badData("`group` is \(other.kindName)", in: place, remedy: "write a string or a number")
        }
        return (
            PlainText(
                prompt: prompt ?? "", completion: whole ?? completion ?? "", group: group ?? "", line: value.line),
            group != nil
        )
    }
}
