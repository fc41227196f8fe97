import DataFiles
import Directions
import Foundation
import TensorCore
import Transformer

extension InterventionPlan {
    /// Reads a plan and its directions and turns them into a run's edits, for a model that it fits.
    ///
    /// - Parameters:
    ///   - allowOtherModel: accept a model of another fingerprint but of the same shape.
    /// - Throws: `InputError` where a file is missing or wrong, or the plan does not fit the model.
    public static func edits(
        from url: URL, model: LanguageModel, allowOtherModel: Bool = false, workers: WorkerPool
    ) throws -> [Edit] {
        let plan = try InterventionPlan(contentsOf: url)
        let place = url.path(percentEncoded: false)
        try plan.check(model, allowOtherModel: allowOtherModel, workers: workers, place: place)
        let directions = try plan.directions(beside: url)
        return try plan.edits(directions: directions, configuration: model.configuration, place: place)
    }

    /// The plan's directions file, which lies beside the plan; nil where it names none.
    ///
    /// - Parameter url: where the plan was read from.
    /// - Throws: `InputError` where the file is missing or wrong.
    public func directions(beside url: URL) throws -> DirectionFile? {
        try directions.map { name in
            try DirectionFile(
                contentsOf: name.hasPrefix("/")
                    ? URL(filePath: name) : url.deletingLastPathComponent().appending(path: name))
        }
    }

    /// Checks that the plan fits a model.
    ///
    /// - Throws: `InputError` where the fingerprint or the shape is another, or an edit names a head that is not there.
    public func check(
        _ model: LanguageModel, allowOtherModel: Bool = false, workers: WorkerPool, place: String
    ) throws {
        let c = model.configuration
        if let reference = self.model {
            for (name, expected, actual) in [
                ("layers", reference.layers, c.layers), ("heads", reference.heads, c.heads),
                ("headSize", reference.headSize, c.headSize),
            ] where expected != actual {
                throw InputError.badData(
                    "a plan for a model with \(expected) as \(name), but the model has \(actual)",
                    in: "\(place): model.\(name)", remedy: "use the plan's own model or make a plan for this one")
            }
            guard reference.architecture == c.architecture else {
                throw InputError.badData(
                    "a plan for the architecture \(reference.architecture), but the model is \(c.architecture)",
                    in: "\(place): model.architecture", remedy: "use the plan's own model")
            }
            if !allowOtherModel {
                let fingerprint = try model.fingerprint(workers: workers)
                guard reference.fingerprint == fingerprint else {
                    throw InputError.badData(
                        "a plan for another model (\(reference.fingerprint.prefix(19))…, this one is "
                            + "\(fingerprint.prefix(19))…)",
                        in: "\(place): model.fingerprint",
                        remedy: "use the plan's own model, or --allow-other-model for one of the same shape")
                }
            }
        }
        for (index, edit) in edits.enumerated() {
            try Self.check(edit.target, c, place: "\(place): edits[\(index)]")
            if let gate = edit.gate {
                try Self.check(gate.target, c, place: "\(place): edits[\(index)].gate")
            }
        }
    }

    private static func check(_ target: EditTarget, _ c: ModelConfiguration, place: String) throws {
        guard target.layer >= 0, target.layer < c.layers else {
            throw InputError.badData(
                "there is no layer \(target.layer)", in: "\(place).layer",
                remedy: "the model's layers are 0 to \(c.layers - 1)")
        }
        guard let head = target.head else { return }
        guard head.index >= 0, head.index < c.heads else {
            throw InputError.badData(
                "there is no head \(head)", in: "\(place).head",
                remedy: "the model's query heads are 0 to \(c.heads - 1)")
        }
    }

    /// The plan's edits, for a run of a model of that configuration.
    ///
    /// - Parameters:
    ///   - directions: the plan's directions file, where it has one.
    ///   - place: the plan's path, for messages.
    /// - Throws: `InputError` where a direction or a value that an edit needs is missing or of the wrong size, or two
    ///   behaviours meet where the plan says that they may not.
    public func edits(
        directions: DirectionFile?, configuration: ModelConfiguration, place: String = "plan"
    ) throws -> [Edit] {
        try edits(
            directions: directions, headSize: configuration.headSize, width: configuration.width, place: place)
    }

    /// The plan's edits, for heads of `headSize` values and a residual stream of `width`; see
    /// ``edits(directions:configuration:place:)``.
    public func edits(
        directions: DirectionFile?, headSize: Int, width: Int, place: String = "plan"
    ) throws -> [Edit] {
        let resolved = try edits.enumerated().map { index, edit in
            try EditResolver(
                edit: edit, directions: directions, headSize: headSize, width: width,
                place: "\(place): edits[\(index)]"
            ).resolved()
        }
        return try meet(resolved, place: place)
    }
}
