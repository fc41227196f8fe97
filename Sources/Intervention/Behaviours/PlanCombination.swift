import DataFiles
import Directions

extension LoadedPlan {
    /// Several behaviours in one plan, each a plan with the behaviour's name (`mood`). Each edit gets its behaviour's
    /// name, and each named direction its behaviour's name before its own: `mood/12.8`.
    ///
    /// - Parameters:
    ///   - overlap: what happens where two of them edit the same head.
    ///   - directionsName: the file that ``directions`` of the result names.
    /// - Throws: `InputError` if the plans are for different models, or a plan lacks a direction.
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

    /// The record of a plan that was put together from others; nil where one of them has none. What they do together isn't
    /// in theirs.
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
