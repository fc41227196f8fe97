import DataFiles
import Foundation
import Intervention
import Transformer

extension RunFolder {
    /// Reads a JSON file.
    ///
    /// - Returns: whether the page can show any of it.
    mutating func addJSON(_ file: URL) throws -> Bool {
        guard case .object(let fields) = try JSONValue(contentsOf: file).content else { return false }
        if case .string(let format)? = fields["format"]?.content {
            if format == InterventionPlan.format { return try addPlan(file) }
            if format.hasPrefix("headsteer.search/") { try addSearch(fields, file) }
        }
        let hasColumns = try addHeads(fields, file)
        let hasTexts = try addTexts(fields, file)
        let hasAlarms = try addAlarms(fields, file)
        let hasSweep = try addHeads(fields, file, list: "sweep", kind: "search")
        // An audit's screen of all heads, and its first look at them.
        let hasScreen = try addHeads(fields, file, list: "screen", kind: "audit")
        let hasLook = try fields["firstLook"]?.fields.map { try addHeads($0, file, kind: "first look") } ?? false
        return hasColumns || hasTexts || hasAlarms || hasSweep || hasScreen || hasLook
    }

    /// Reads the folder's plan: the first one in the folder itself, or else the first one in a subfolder.
    private mutating func addPlan(_ file: URL) throws -> Bool {
        let isOwn = name(file) == file.lastPathComponent
        guard plan == nil || isOwn && plan.map({ name($0.file) != $0.file.lastPathComponent }) == true else {
            return false
        }
        let loaded = try LoadedPlan(contentsOf: file)
        if let model = loaded.plan.model {
            let place = "\(file.path(percentEncoded: false)): model"
            try require(layers: model.layers, heads: model.heads, place)
            try require(fingerprint: model.fingerprint, place)
        }
        plan = (loaded, file)
        return true
    }

    private mutating func addSearch(_ fields: JSONFields, _ file: URL) throws {
        if case .object(let strings)? = fields["provenance"]?.content {
            for field in strings {
                if case .string(let text) = field.value.content { provenance[field.name] = text }
            }
        }
        for (index, element) in (fields["tokens"]?.elements ?? []).enumerated() {
            let place = "tokens[\(index)]"
            guard let entry = element.fields, let head = try Self.head(entry, place, file) else { continue }
            func tokens(_ name: String) throws -> [(piece: String, weight: Double)] {
                try (entry[name]?.elements ?? []).enumerated().map { number, token in
                    let place = "\(place).\(name)[\(number)]"
                    guard let piece = token.fields?["piece"]?.string else {
                        throw Self.wrong("\(place).piece", "a string", token, file)
                    }
                    guard let weight = token.fields?["weight"]?.number?.double else {
                        throw Self.wrong("\(place).weight", "a number", token, file)
                    }
                    return (piece, weight)
                }
            }
            writes[head] = WrittenPieces(raised: try tokens("raised"), lowered: try tokens("lowered"))
        }
    }

    /// Reads the numbers from a list of heads, as most commands print it with `--json`: `"heads": [{"layer": 12,
    /// "head": 8, "effect": 0.5, …}, …]`.
    ///
    /// - Returns: whether there are any. A list that contains a head twice doesn't count as a list of heads.
    /// - Throws: `InputError` if a row has a head or a number of another type than expected.
    private mutating func addHeads(
        _ fields: JSONFields, _ file: URL, list: String = "heads", kind: String = ""
    ) throws -> Bool {
        var names: [String] = []
        var values: [String: [Head: Double]] = [:]
        var others: [String: (place: String, value: JSONValue)] = [:]
        var seen: Set<Head> = []
        for (index, element) in (fields[list]?.elements ?? []).enumerated() {
            guard let entry = element.fields, let head = try Self.head(entry, "\(list)[\(index)]", file) else {
                continue
            }
            guard seen.insert(head).inserted else { return false }
            for field in entry where field.name != "layer" && field.name != "head" {
                if case .null = field.value.content { continue }
                guard let number = field.value.number?.double else {
                    others[field.name] = others[field.name] ?? ("\(list)[\(index)].\(field.name)", field.value)
                    continue
                }
                if values[field.name] == nil { names.append(field.name) }
                values[field.name, default: [:]][head] = number
            }
        }
        for name in names {
            if let other = others[name] {
                throw Self.wrong(other.place, "a number, as in other rows", other.value, file)
            }
        }
        let name = name(file)
        let source = kind.isEmpty ? name : "\(name) (\(kind))"
        let folder = name.contains("/") ? name.prefix { $0 != "/" } + "/" : ""
        let stem = kind.isEmpty ? String(name.dropLast(".json".count)) : folder + kind
        for label in names.sorted(by: { Self.order($0, $1) }) {
            // The files of an audit's stages repeat some of the numbers in its report.
            let own = values[label] ?? [:]
            if foundColumns.contains(where: { $0.key == "\(stem)/\(label)" && $0.values == own }) { continue }
            foundColumns.append(
                FoundColumn(
                    key: "\(stem)/\(label)", label: label, source: source,
                    place: "\(file.path(percentEncoded: false)): \(list)", values: own))
        }
        return !names.isEmpty
    }

    /// Puts measures of a head's importance before its other numbers.
    private static func order(_ a: String, _ b: String) -> Bool {
        let first = ["effect", "auroc", "ciLow", "ciHigh", "p", "q", "accuracy", "balancedAccuracy", "selectivity"]
        let (i, j) = (first.firstIndex(of: a) ?? first.count, first.firstIndex(of: b) ?? first.count)
        return i != j ? i < j : a < b
    }

    /// The head that an object names by `layer` and `head`, or by `head` as `"12.8"`; nil if it names no head.
    ///
    /// - Parameter place: the path to the object in its file.
    /// - Throws: `InputError` if there is a `head` without its `layer`, or one of them is not a valid number.
    static func head(_ fields: JSONFields, _ place: String, _ file: URL) throws -> Head? {
        guard let index = fields["head"] else { return nil }
        if index.string != nil, fields["layer"] == nil { return try head(named: index, "\(place).head", file) }
        guard let layer = fields["layer"] else {
            throw InputError(
                .missingPart, "no field \(place).layer", in: Self.place(index, file), remedy: Self.remedy)
        }
        func whole(_ name: String, _ value: JSONValue) throws -> Int {
            guard let number = value.number?.integer, (0..<mostHeads).contains(number) else {
                throw wrong("\(place).\(name)", "a whole number from 0 to \(mostHeads - 1)", value, file)
            }
            return number
        }
        return Head(layer: try whole("layer", layer), index: try whole("head", index))
    }

    /// The head that a string names, such as `"12.8"`.
    static func head(named value: JSONValue, _ place: String, _ file: URL) throws -> Head {
        guard let head = value.string.flatMap({ Head($0) }), max(head.layer, head.index) < mostHeads else {
            throw wrong(place, "a head such as \"12.8\"", value, file)
        }
        return head
    }

    // MARK: - Errors

    /// The error for a field with a wrong value.
    static func wrong(_ field: String, _ expected: String, _ value: JSONValue, _ file: URL) -> InputError {
        .badData("\(field) is not \(expected)", in: place(value, file), remedy: remedy)
    }

    private static func place(_ value: JSONValue, _ file: URL) -> String {
        let path = file.path(percentEncoded: false)
        return value.line > 1 ? "\(path), line \(value.line)" : path
    }

    static let remedy = "correct the field, write the file again, or take it out of the folder"
}
