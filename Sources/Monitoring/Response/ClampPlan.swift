import DataFiles
import Directions
import Intervention
import Transformer

extension HeadMonitor {
    /// A plan that holds a behaviour within its clean range.
    ///
    /// For each of the behaviour's heads it has two clamps along the direction: to m + n σ if the component is above
    /// that, and to m − n σ if it is below. Each is behind a gate that leaves everything else alone.
    ///
    /// It is a plan like any other: it can be saved, combined and given to a run without the monitor. A gate reads z as
    /// it is before any edit of that head, so the plan responds to what the model itself does, as after a prompt that
    /// pushes it. To hold what another plan does to the same head, use ``clampingEdits(_:positions:)``.
    ///
    /// - Parameters:
    ///   - behaviour: the name of a detector.
    ///   - sigmas: n; 3 by default, which one clean position in 370 passes on a head where z · θ̂ is normally
    ///     distributed.
    ///   - positions: by default the last prompt token and each one after it.
    /// - Throws: `InputError` of the kind `.usage` if the monitor has no such behaviour.
    /// - Precondition: `sigmas` is above 0 and finite.
    public func clampPlan(
        for behaviour: String, sigmas: Double = 3, positions: PositionRule = .last, in configuration: ModelConfiguration
    ) throws -> LoadedPlan {
        precondition(sigmas > 0 && sigmas.isFinite, "A range has a width.")
        guard let detector = detectors.first(where: { $0.name == behaviour }) else {
            let names = detectors.map(\.name)
            throw InputError.usage(
                "no behaviour \(behaviour) in the monitor",
                remedy: names.isEmpty
                    ? "fit one with --behaviour NAME=FILE" : "it has \(names.joined(separator: ", "))")
        }
        var directions = DirectionFile()
        directions.metadata = ["fingerprint": model.fingerprint, "site": SiteKind.z.fileName]
        var edits: [PlannedEdit] = []
        for component in detector.components {
            let name = "\(component.head)"
            directions.add(
                name, DirectionFile.Entry(vector: component.direction, sigma: Float(component.sigma)))
            for isAbove in [true, false] {
                let bound = component.mean + (isAbove ? sigmas : -sigmas) * component.sigma
                var edit = PlannedEdit(
                    component.head, .clamp, direction: .named(name), strength: bound, positions: positions)
                edit.gate = PlannedGate(
                    .head(component.head), direction: .named(name), threshold: bound, opensAbove: isAbove)
                edit.behaviour = behaviour
                edits.append(edit)
            }
        }
        return LoadedPlan(
            InterventionPlan(
                model: ModelReference(configuration, fingerprint: model.fingerprint),
                directions: "directions.safetensors", edits: edits), directions: directions)
    }
}
