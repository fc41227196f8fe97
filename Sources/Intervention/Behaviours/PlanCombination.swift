import DataFiles
import Directions

/// A plan together with its directions.
public struct NamedPlan: Sendable {
    /// The behaviour's name, `mood`.
    public var name: String
    public var plan: InterventionPlan
    public var directions: DirectionFile?

    public init(_ name: String, _ plan: InterventionPlan, directions: DirectionFile?) {
        self.name = name
        self.plan = plan
        self.directions = directions
    }
}

extension InterventionPlan {
    /// Several behaviours in one plan. Each edit gets its behaviour's name, and each named direction its behaviour's name
    /// before its own: `mood/12.8`.
    ///
    /// - Parameters:
    ///   - meeting: what happens where two of them edit the same head.
    ///   - directionsName: the file that ``directions`` of the result names.
    /// - Returns: the plan, and what its directions file has to hold; nil where all directions are inline.
    /// - Throws: `InputError` where the plans are for different models, or a plan lacks a direction.
    public static func combining(
        _ plans: [NamedPlan], meeting: MeetingRule = .inOrder, directionsName: String = "directions.safetensors"
    ) throws -> (plan: InterventionPlan, directions: DirectionFile?) {
        let models = plans.compactMap(\.plan.model)
        if let other = models.first(where: { $0 != models[0] }) {
            throw InputError.badData(
                "plans for different models (\(models[0].fingerprint.prefix(19))… and \(other.fingerprint.prefix(19))…)",
                in: "the plans to combine", remedy: "combine plans that were made for one model")
        }
        var file = DirectionFile()
        var edits: [PlannedEdit] = []
        for named in plans {
            func rename(_ reference: DirectionReference) throws -> DirectionReference {
                guard case .named(let name) = reference else { return reference }
                let new = "\(named.name)/\(name)"
                guard let entry = named.directions?[name] else {
                    throw InputError.badData(
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
            for var edit in named.plan.edits {
                if edit.operation == .mean, edit.direction == nil { edit.direction = .named("\(edit.target)") }
                edit.direction = try edit.direction.map(rename)
                if let gate = edit.gate { edit.gate?.direction = try rename(gate.direction) }
                edit.behaviour = edit.behaviour.map { "\(named.name)/\($0)" } ?? named.name
                edits.append(edit)
            }
        }
        let hasNames = !file.names.isEmpty
        return (
            InterventionPlan(
                model: models.first, directions: hasNames ? directionsName : nil, edits: edits, meeting: meeting),
            hasNames ? file : nil
        )
    }
}
