import DataFiles
import Foundation
import LlamaRuntime

extension InterventionPlan {
    /// The format's name in the file.
    public static let format = "headsteer.plan/1"

    /// Reads a `plan.json`.
    ///
    /// - Throws: `InputError` with the field that is missing, unknown (with the nearest known name) or wrong.
    public init(contentsOf url: URL) throws {
        try self.init(JSONObject(contentsOf: url))
    }

    /// Reads a plan from a JSON object.
    ///
    /// - Throws: `InputError` with the field that is missing, unknown (with the nearest known name) or wrong.
    public init(_ json: JSONObject) throws {
        try json.checkFields(["format", "model", "directions", "edits"])
        guard let format = try json.string("format") else { throw json.missing("format") }
        guard format == Self.format else {
            throw InputError.badData(
                "the format \(format)", in: "\(json.place): format", remedy: "this version reads \(Self.format)")
        }
        model = try json.object("model").map { try ModelReference($0) }
        directions = try json.string("directions")
        guard let edits = try json.objects("edits") else { throw json.missing("edits") }
        self.edits = try edits.map { try PlannedEdit($0) }
    }
}

extension ModelReference {
    fileprivate init(_ json: JSONObject) throws {
        try json.checkFields(["fingerprint", "architecture", "layers", "heads", "headSize"])
        func required<Value>(_ key: String, _ read: (String) throws -> Value?) throws -> Value {
            guard let value = try read(key) else { throw json.missing(key) }
            return value
        }
        self.init(
            fingerprint: try required("fingerprint", json.string),
            architecture: try required("architecture", json.string), layers: try required("layers", json.integer),
            heads: try required("heads", json.integer), headSize: try required("headSize", json.integer))
    }
}

extension PlannedEdit {
    fileprivate init(_ json: JSONObject) throws {
        try json.checkFields(["layer", "head", "operation", "direction", "strength", "unit", "positions"])
        guard let layer = try json.integer("layer") else { throw json.missing("layer") }
        guard let head = try json.integer("head") else { throw json.missing("head") }
        guard let name = try json.string("operation") else { throw json.missing("operation") }
        guard let operation = HeadOperation(rawValue: name) else {
            throw json.unknown(name, field: "operation", known: HeadOperation.allCases.map(\.rawValue))
        }
        var unit = StrengthUnit.raw
        if let name = try json.string("unit") {
            guard let known = StrengthUnit(rawValue: name) else {
                throw json.unknown(name, field: "unit", known: StrengthUnit.allCases.map(\.rawValue))
            }
            guard known == .raw || operation.hasUnit else {
                throw json.wrong("unit", "of use to \(operation.rawValue), whose strength has no unit; it is not raw")
            }
            unit = known
        }
        let strength = try json.double("strength")
        guard strength != nil || !operation.needsStrength else { throw json.missing("strength") }
        let direction: DirectionReference? =
            try json.isArray("direction")
            ? json.doubles("direction").map { .inline($0) } : json.string("direction").map { .named($0) }
        // A clean mean needs no direction but its name, which is then the head's.
        guard direction != nil || !operation.needsDirection || operation == .mean else {
            throw json.missing("direction")
        }
        self.init(
            layer: layer, head: head, operation, direction: direction, strength: strength, unit: unit,
            positions: try PositionRule(json))
    }
}

extension PositionRule {
    private static let names: [String: PositionRule] = [
        "all": .all, "last": .last, "prompt": .prompt, "generated": .generated,
    ]

    /// Reads the field `positions`.
    fileprivate init(_ json: JSONObject) throws {
        guard json.has("positions") else { throw json.missing("positions") }
        if json.isString("positions"), let name = try json.string("positions") {
            guard let rule = Self.names[name] else {
                throw json.unknown(name, field: "positions", known: Self.names.keys.sorted())
            }
            self = rule
            return
        }
        guard let rule = try json.object("positions") else { throw json.missing("positions") }
        try rule.checkFields(["from", "to", "tokens"])
        if let tokens = try rule.integers("tokens") {
            guard !rule.has("from"), !rule.has("to") else {
                throw rule.wrong("tokens", "allowed beside from and to; use one of the two")
            }
            self = .tokens(Set(tokens))
        } else {
            guard let from = try rule.integer("from") else { throw rule.missing("from") }
            guard let to = try rule.integer("to") else { throw rule.missing("to") }
            self = .range(from: from, to: to)
        }
    }
}

extension JSONObject {
    /// Checks that all fields are known.
    fileprivate func checkFields(_ known: [String]) throws {
        if let field = keys.first(where: { !known.contains($0) }) {
            throw unknown(field, field: nil, known: known)
        }
    }

    /// The error that a field, or a field's value, is none of those known.
    fileprivate func unknown(_ name: String, field: String?, known: [String]) -> InputError {
        .badData(
            "an unknown \(field ?? "field") \(name)", in: field.map { "\(place): \($0)" } ?? place,
            remedy: "did you mean \(NearestNames.find(name, among: known).first ?? "")? Known are "
                + known.joined(separator: ", "))
    }
}
