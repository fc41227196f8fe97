import DataFiles
import Directions
import Transformer

extension LoadedPlan {
    /// Makes a plan that moves heads along their directions, with one `add` for each head and the same strength for
    /// all.
    ///
    /// ```swift
    /// let probes = try ProbeFile(contentsOf: url, model: fingerprint)
    /// let plan = try LoadedPlan(
    ///     moving: [.head(Head(layer: 12, index: 8))], along: DirectionFile(probes), by: 8,
    ///     in: model.configuration, fingerprint: fingerprint)
    /// try plan.write(to: folder)
    /// ```
    ///
    /// The plan keeps the directions of all heads, so that controls can move other heads along their own directions.
    ///
    /// - Parameters:
    ///   - targets: heads or whole sites of layers, each once; the edits are in this order.
    ///   - directions: directions for this model, from probes, a search or an import.
    ///   - strength: negative for the opposite behaviour.
    ///   - unit: by default σ, as in HSI and ITI.
    ///   - positions: by default the last position of every pass, where directions are usually read.
    ///   - fingerprint: the model's fingerprint.
    /// - Throws: `InputError` if the directions are for another model or another site, if the model lacks a head, or if
    ///   the directions lack a head (with the nearest heads) or a value that the unit needs.
    public init(
        moving targets: [EditTarget], along directions: DirectionFile, by strength: Double,
        unit: StrengthUnit = .sigma, positions: PositionRule = .last, in configuration: ModelConfiguration,
        fingerprint: String
    ) throws {
        guard !targets.isEmpty else {
            throw InputError.usage("a plan without heads", remedy: "name at least one head")
        }
        if let twice = targets.first(where: { one in targets.count { $0 == one } > 1 }) {
            throw InputError.usage(
                "the head \(twice), given twice", remedy: "give each head once, with its whole strength")
        }
        if let own = directions.metadata["fingerprint"], own != fingerprint {
            throw InputError(
                .otherModel,
                "directions of another model (\(own.prefix(19))…, this one is \(fingerprint.prefix(19))…)",
                in: "\(directions.place): metadata fingerprint", remedy: "fit them on this model")
        }
        let site = directions.metadata["site"] ?? SiteKind.z.fileName
        for target in targets {
            guard target.site.kind.fileName == site else {
                throw InputError.badData(
                    "directions of the site \(site) for an edit of \(target)", in: directions.place,
                    remedy: target.head == nil
                        ? "fit them there: headsteer probe --site \(target.site.kind.fileName)"
                        : "fit them on z, the site that edits of heads change")
            }
            try target.check(configuration, place: "the heads of the plan")
        }
        let edits = targets.map {
            PlannedEdit(
                $0, .add, direction: .named("\($0)"), strength: strength, unit: unit, positions: positions)
        }
        self.init(
            InterventionPlan(
                model: ModelReference(configuration, fingerprint: fingerprint), directions: "directions.safetensors",
                edits: edits), directions: directions)
        // Missing values are reported here rather than when the plan is used.
        _ = try self.edits(configuration)
    }
}
