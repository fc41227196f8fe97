import DataFiles
import Directions

extension LoadedPlan {
    /// Combines several behaviours in one plan, each given as a plan with the behaviour's name (`mood`).
    ///
    /// Each edit gets its behaviour's name, and each named direction gets its behaviour's name as a prefix:
    /// `mood/12.8`.
    ///
    /// - Parameters:
    ///   - overlap: the rule for behaviours that edit the same head or site.
    ///   - directionsName: the name of the directions file in the combined plan, which keeps ``directions``.
    /// - Throws: `InputError` if the plans are for different models, if a plan lacks a direction, or if two different
    ///   directions would get the same name.
    public static func combining(
        _ plans: [(name: String, plan: LoadedPlan)], overlap: OverlapRule = .inOrder,
        directionsName: String = "directions.safetensors"
    ) throws -> LoadedPlan {
        let models = plans.compactMap(\.plan.plan.model)
        if let other = models.first(where: { $0 != models[0] }) {
            throw InputError(
                .otherModel,
                "plans for different models (\(models[0].fingerprint.prefix(19))… and \(other.fingerprint.prefix(19))…)",
                in: "the plans to combine", remedy: "combine plans that were made for one model")
        }
        var file = DirectionFile()
        var edits: [PlannedEdit] = []
        for named in plans {
            func rename(_ reference: DirectionReference) throws -> DirectionReference {
                guard case .named(let name) = reference else { return reference }
                let new = "\(named.name)/\(name)"
                guard let entry = named.plan.directions?[name] else {
                    throw InputError(
                        .missingPart,
                        "the direction \(name), which its directions file lacks", in: "the plan \(named.name)",
                        remedy: "check the plan's directions file")
                }
                if let other = file[new] {
                    guard other == entry else {
                        throw InputError.badData(
                            "two different directions \(new)", in: "the plans to combine",
                            remedy: "give each behaviour a name of its own")
                    }
                } else {
                    file.add(new, entry)
                }
                return .named(new)
            }
            for var edit in named.plan.plan.edits {
                if edit.operation == .mean, edit.direction == nil { edit.direction = .named("\(edit.target)") }
                edit.direction = try edit.direction.map(rename)
                if let gate = edit.gate { edit.gate?.direction = try rename(gate.direction) }
                edit.behaviour = edit.behaviour.map { "\(named.name)/\($0)" } ?? named.name
                edits.append(edit)
            }
        }
        let hasNames = !file.names.isEmpty
        var combined = LoadedPlan(
            InterventionPlan(
                model: models.first, directions: hasNames ? directionsName : nil, edits: edits, overlap: overlap),
            directions: hasNames ? file : nil)
        combined.plan.record = try combined.record(of: plans.map(\.plan.plan.record))
        return combined
    }

    /// The record of a plan that was combined from others; nil if one of them has none.
    ///
    /// It has no effects, because the records of the parts don't contain their joint effect.
    private func record(of parts: [PlanRecord?]) throws -> PlanRecord? {
        let records = parts.compactMap(\.self)
        let edits = records.flatMap(\.edits)
        guard let first = records.first, records.count == parts.count, edits.count == plan.edits.count,
            records.allSatisfy({ $0.fingerprint == first.fingerprint })
        else { return nil }
        let met = try plan.resolvingOverlaps(edits.map(\.edit), place: name)
        return PlanRecord(
            fingerprint: first.fingerprint,
            edits: zip(edits, zip(plan.edits, met)).map { recorded, pair in
                guard case .add = pair.1.change else { return recorded }
                var recorded = recorded
                (recorded.direction, recorded.amount) = Self.recordedParts(pair.1.change, pair.0)
                return recorded
            })
    }
}
