import DataFiles
import Foundation
import LlamaRuntime

extension InterventionPlan {
    /// Writes the plan as JSON, beside its place and renamed.
    ///
    /// - Throws: `InputError` where the folder can't be written to.
    public func write(to url: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicOutput.write(try encoder.encode(PlanFile(self)), to: url)
    }
}

/// A plan as the file spells it.
private struct PlanFile: Encodable {
    struct Model: Encodable {
        var fingerprint, architecture: String
        var layers, heads, headSize: Int
    }
    struct Edit: Encodable {
        var layer, head: Int
        var operation: String
        var direction: Direction?
        var strength: Double?
        var unit: String?
        var positions: Positions
    }
    enum Direction: Encodable {
        case named(String)
        case inline([Double])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .named(let name): try container.encode(name)
            case .inline(let values): try container.encode(values)
            }
        }
    }
    struct Positions: Encodable {
        var rule: PositionRule

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch rule {
            case .all: try container.encode("all")
            case .last: try container.encode("last")
            case .prompt: try container.encode("prompt")
            case .generated: try container.encode("generated")
            case .range(let from, let to): try container.encode(["from": from, "to": to])
            case .tokens(let tokens): try container.encode(["tokens": tokens.sorted()])
            }
        }
    }

    var format = InterventionPlan.format
    var model: Model?
    var directions: String?
    var edits: [Edit]

    init(_ plan: InterventionPlan) {
        model = plan.model.map {
            Model(
                fingerprint: $0.fingerprint, architecture: $0.architecture, layers: $0.layers, heads: $0.heads,
                headSize: $0.headSize)
        }
        directions = plan.directions
        edits = plan.edits.map { edit in
            Edit(
                layer: edit.layer, head: edit.head, operation: edit.operation.rawValue,
                direction: edit.direction.map {
                    switch $0 {
                    case .named(let name): .named(name)
                    case .inline(let values): .inline(values)
                    }
                }, strength: edit.strength, unit: edit.operation.hasUnit ? edit.unit.rawValue : nil,
                positions: Positions(rule: edit.positions))
        }
    }
}
