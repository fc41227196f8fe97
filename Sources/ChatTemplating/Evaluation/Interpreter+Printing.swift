extension Interpreter {
    /// Python's `str(value)`, which is also what `{{ … }}` writes.
    func text(of value: Value) throws -> Text {
        switch value {
        case .string(let text): return text
        case .undefined: return Text([])
        default:
            var result: [Unicode.Scalar] = []
            try write(representationOf: value, to: &result)
            try charge(characters: result.count)
            return Text(result)
        }
    }

    /// Python's `repr(value)`.
    func representation(of value: Value) throws -> Text {
        var result: [Unicode.Scalar] = []
        try write(representationOf: value, to: &result)
        try charge(characters: result.count)
        return Text(result)
    }

    private func write(representationOf value: Value, to result: inout [Unicode.Scalar]) throws {
        try charge()
        switch value {
        case .undefined: append("Undefined", &result)
        case .none: append("None", &result)
        case .bool(let value): append(value ? "True" : "False", &result)
        case .int(let value): append("\(value)", &result)
        case .float(let value): append(FloatText.shortest(value), &result)
        case .string(let text): try append(quoted: text, &result)
        case .list(let sequence): try append(sequence.elements, "[", "]", &result)
        case .tuple(let sequence):
            try append(sequence.elements, "(", sequence.elements.count == 1 ? ",)" : ")", &result)
        case .dictionary(let mapping): try append(mapping, &result)
        case .view(let view): try append(view.elements.elements, view.kind.rawValue + "([", "])", &result)
        case .range(let range):
            append("range(\(range.start), \(range.stop)\(range.step == 1 ? "" : ", \(range.step)"))", &result)
        case .macro(let number): append("<Macro '\(macros[number].definition.name)'>", &result)
        case .loop(let number):
            append("<LoopContext \(loops[number].index + 1)/\(loops[number].elements.count)>", &result)
        case .iterator, .namespace, .cycler, .joiner, .function, .method:
            throw Failure(
                .unsupported, "a '\(value.typeName)' can't be printed",
                remedy: "print its elements, for instance with the filter 'list' or 'join'")
        }
    }

    private func append(_ text: String, _ result: inout [Unicode.Scalar]) { result += text.unicodeScalars }

    private func append(
        _ elements: [Value], _ open: String, _ close: String, _ result: inout [Unicode.Scalar]
    ) throws {
        append(open, &result)
        for (index, element) in elements.enumerated() {
            if index > 0 { append(", ", &result) }
            try write(representationOf: element, to: &result)
        }
        append(close, &result)
    }

    private func append(_ mapping: Mapping, _ result: inout [Unicode.Scalar]) throws {
        append("{", &result)
        for (index, entry) in mapping.entries.enumerated() {
            if index > 0 { append(", ", &result) }
            try write(representationOf: entry.key.value, to: &result)
            append(": ", &result)
            try write(representationOf: entry.value, to: &result)
        }
        append("}", &result)
    }

    /// A string in quotes: single quotes, unless double quotes avoid an escape.
    private func append(quoted text: Text, _ result: inout [Unicode.Scalar]) throws {
        try charge(scanned: text.count)
        guard result.count + text.count <= limits.characters else { return try charge(characters: .max) }
        if text.isMarkup { append("Markup(", &result) }
        let quote: Unicode.Scalar = text.scalars.contains("'") && !text.scalars.contains("\"") ? "\"" : "'"
        result.append(quote)
        for scalar in text.scalars {
            switch scalar {
            case quote, "\\": result += ["\\", scalar]
            case "\n": append("\\n", &result)
            case "\r": append("\\r", &result)
            case "\t": append("\\t", &result)
            default:
                if scalar.isPythonPrintable { result.append(scalar) } else { append(hexEscape(scalar), &result) }
            }
        }
        result.append(quote)
        if text.isMarkup { result.append(")") }
    }

    private func hexEscape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + mark + String(repeating: "0", count: width - digits.count) + digits
    }
}
