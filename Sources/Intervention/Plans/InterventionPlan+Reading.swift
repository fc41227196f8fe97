import DataFiles
import Foundation
import Transformer

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
        try json.checkFields([
            "format", "model", "directions", "edits", "whereBehavioursMeet", "overlap", "record",
        ])
        guard let format = try json.string("format") else { throw json.missing("format") }
        guard format == Self.format else {
            throw InputError(
                .unsupported,
                "the format \(format)", in: "\(json.place): format", remedy: "this version reads \(Self.format)")
        }
        model = try json.object("model").map { try ModelReference($0) }
        directions = try json.string("directions")
        // A plan may come from anyone, so it can only name a file beside itself to be read or written.
        if let directions, directions.contains(where: { "/\0".contains($0) }) || [".", "..", ""].contains(directions) {
            throw json.wrong("directions", "the name of a file beside the plan")
        }
        guard let edits = try json.objects("edits") else { throw json.missing("edits") }
        self.edits = try edits.map { try PlannedEdit($0) }
        guard !json.has("overlap") || !json.has("whereBehavioursMeet") else {
            throw json.wrong("overlap", "allowed together with whereBehavioursMeet, its other name; use one of the two")
        }
        overlap =
            try json.choice("overlap", OverlapRule.self) ?? json.choice("whereBehavioursMeet", OverlapRule.self)
            ?? .inOrder
        record = try json.object("record").map { try PlanRecord($0) }
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
        try json.checkFields([
            "site", "layer", "head", "operation", "direction", "strength", "unit", "positions", "keepNorm", "schedule",
            "gate", "behaviour",
        ])
        let target = try EditTarget(json)
        guard let operation = try json.choice("operation", EditOperation.self) else { throw json.missing("operation") }
        let unit = try json.choice("unit", StrengthUnit.self) ?? .raw
        guard unit == .raw || operation.hasUnit else {
            throw json.wrong("unit", "allowed with \(operation.rawValue), whose strength has no unit")
        }
        let strength = try json.double("strength")
        guard strength != nil || !operation.needsStrength else { throw json.missing("strength") }
        let direction = try DirectionReference(json)
        // A mean needs no direction; by default it is taken from the direction with the head's name.
        guard direction != nil || !operation.needsDirection || operation == .mean else {
            throw json.missing("direction")
        }
        guard json.has("positions") else { throw json.missing("positions") }
        self.init(
            target, operation, direction: direction, strength: strength,
            unit: unit, positions: try PositionRule(json))
        keepsNorm = try json.bool("keepNorm") ?? false
        guard !keepsNorm || operation.canKeepNorm else {
            throw json.wrong("keepNorm", "possible with \(operation.rawValue), which leaves no norm to keep")
        }
        schedule = try json.object("schedule").map { try Schedule($0) } ?? .constant
        gate = try json.object("gate").map { try PlannedGate($0) }
        behaviour = try json.string("behaviour")
    }
}

extension EditTarget {
    /// Reads the fields `site`, `layer` and `head` of an edit or a gate.
    init(_ json: JSONObject) throws {
        var site = SiteKind.z
        if let name = try json.string("site") {
            guard let known = EditTarget.sites.first(where: { $0.fileName == name }) else {
                throw json.unknown(name, field: "site", known: EditTarget.sites.map(\.fileName))
            }
            site = known
        }
        guard let layer = try json.integer("layer") else { throw json.missing("layer") }
        let head = try json.integer("head")
        switch (site, head) {
        case (.z, let head?): self = .head(Head(layer: layer, index: head))
        case (.z, nil): throw json.missing("head")
        case (_, nil): self = .layer(layer, site)
        default: throw json.wrong("head", "allowed at \(site.fileName), which has no heads; leave it out")
        }
    }
}

extension DirectionReference {
    /// Reads the field `direction`; nil if it is absent.
    fileprivate init?(_ json: JSONObject) throws {
        if json.isArray("direction"), let values = try json.doubles("direction") {
            self = .inline(values)
        } else if let name = try json.string("direction") {
            self = .named(name)
        } else {
            return nil
        }
    }
}

extension PlannedGate {
    fileprivate init(_ json: JSONObject) throws {
        try json.checkFields(["site", "layer", "head", "direction", "threshold", "opens", "mode", "positions"])
        let target = try EditTarget(json)
        guard let direction = try DirectionReference(json) else { throw json.missing("direction") }
        let opens = try json.choice("opens", GateSide.self) ?? .above
        self.init(
            target, direction: direction, threshold: try json.double("threshold"), opensAbove: opens == .above,
            mode: try json.choice("mode", Gate.Mode.self) ?? .token,
            positions: json.has("positions") ? try PositionRule(json) : nil)
    }
}

/// The side of the threshold on which a gate is open, as written in plans.
enum GateSide: String, CaseIterable {
    case above, below
}

extension Schedule {
    /// Reads `{"decay": rate}` or `{"first": count}`.
    init(_ json: JSONObject) throws {
        try json.checkFields(["decay", "first"])
        switch (try json.double("decay"), try json.integer("first")) {
        case (let rate?, nil):
            guard rate.isFinite, rate >= 0 else { throw json.wrong("decay", "a rate of at least 0") }
            self = .decay(rate: rate)
        case (nil, let count?):
            guard count >= 0 else { throw json.wrong("first", "a number of tokens of at least 0") }
            self = .first(count)
        case (nil, nil): throw json.missing("decay")
        default: throw json.wrong("first", "allowed together with decay; use one of the two")
        }
    }
}

extension PositionRule {
    private static let names: [String: PositionRule] = [
        "all": .all, "last": .last, "prompt": .prompt, "generated": .generated,
    ]

    /// Reads a rule as written in plans: a name such as `last`, or an object such as `{"from": 0, "to": 4}`.
    ///
    /// - Throws: `InputError` if the text is neither, or if the rule can never apply.
    public init(parsing text: String) throws {
        let isObject = text.trimmingWhitespace().hasPrefix("{")
        let value = isObject ? text : String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        try self.init(JSONObject(data: Data("{\"positions\": \(value)}".utf8), place: "positions"))
    }

    /// Reads the field `positions`.
    init(_ json: JSONObject) throws {
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
                throw rule.wrong("tokens", "allowed together with from and to; use one or the other")
            }
            guard let least = tokens.min() else { throw rule.wrong("tokens", "a list of at least one token id") }
            guard least >= 0 else { throw rule.wrong("tokens", "a list of token ids: \(least) is below 0") }
            self = .tokens(Set(tokens))
        } else {
            guard let from = try rule.integer("from") else { throw rule.missing("from") }
            guard let to = try rule.integer("to") else { throw rule.missing("to") }
            // If one bound counts from the beginning and the other from the end, only the prompt decides which comes
            // first.
            guard to != 0, (from < 0) != (to < 0) || from < to else {
                throw rule.wrong(
                    "to", "after from: the range from \(from) to \(to), which doesn't include \(to), has no positions")
            }
            self = .range(from: from, to: to)
        }
    }
}

extension JSONObject {
    /// The field's value, if it is one that the type knows; nil if the field is absent.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _: Choice.Type
    ) throws -> Choice? where Choice.RawValue == String {
        guard let name = try string(key) else { return nil }
        guard let known = Choice(rawValue: name) else {
            throw unknown(name, field: key, known: Choice.allCases.map(\.rawValue))
        }
        return known
    }

    /// The error for a value that isn't one of the field's known values.
    fileprivate func unknown(_ name: String, field: String, known: [String]) -> InputError {
        InputError(
            .unknownName,
            "an unknown \(field) \(name)", in: "\(place): \(field)",
            remedy: "did you mean \(NearestNames.find(name, among: known).first ?? "")? Known are "
                + known.joined(separator: ", "))
    }
}
