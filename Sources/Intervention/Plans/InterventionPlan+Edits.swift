import Checkpoints
import DataFiles
import Foundation
import LlamaRuntime
import TensorCore

extension InterventionPlan {
    /// Reads a plan and its directions and turns them into a run's edits, for a model that it fits.
    ///
    /// - Parameters:
    ///   - allowOtherModel: accept a model of another fingerprint but of the same shape.
    /// - Throws: `InputError` where a file is missing or wrong, or the plan does not fit the model.
    public static func edits(
        from url: URL, model: LlamaModel, allowOtherModel: Bool = false, workers: WorkerPool
    ) throws -> [Edit] {
        let plan = try InterventionPlan(contentsOf: url)
        let place = url.path(percentEncoded: false)
        try plan.check(model, allowOtherModel: allowOtherModel, workers: workers, place: place)
        let directions = try plan.directions.map { name in
            try DirectionFile(
                contentsOf: name.hasPrefix("/")
                    ? URL(filePath: name) : url.deletingLastPathComponent().appending(path: name))
        }
        return try plan.edits(directions: directions, headSize: model.configuration.headSize, place: place)
    }

    /// Checks that the plan fits a model.
    ///
    /// - Throws: `InputError` where the fingerprint or the shape is another, or an edit names a head that is not there.
    public func check(
        _ model: LlamaModel, allowOtherModel: Bool = false, workers: WorkerPool, place: String
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
            guard edit.layer >= 0, edit.layer < c.layers else {
                throw InputError.badData(
                    "there is no layer \(edit.layer)", in: "\(place): edits[\(index)].layer",
                    remedy: "the model's layers are 0 to \(c.layers - 1)")
            }
            guard edit.head >= 0, edit.head < c.heads else {
                throw InputError.badData(
                    "there is no head \(edit.layer).\(edit.head)", in: "\(place): edits[\(index)].head",
                    remedy: "the model's query heads are 0 to \(c.heads - 1)")
            }
        }
    }

    /// The plan's edits, for a run.
    ///
    /// - Parameters:
    ///   - directions: the plan's directions file, where it has one.
    ///   - headSize: D.
    ///   - place: the plan's path, for messages.
    /// - Throws: `InputError` where a direction or a value that an edit needs is missing or of the wrong size.
    public func edits(directions: DirectionFile?, headSize: Int, place: String = "plan") throws -> [Edit] {
        try edits.enumerated().map { index, edit in
            let resolver = EditResolver(
                edit: edit, directions: directions, headSize: headSize, place: "\(place): edits[\(index)]")
            return .z(
                layer: edit.layer, head: edit.head, positions: edit.positions, try resolver.change())
        }
    }
}

/// Turns one planned edit into a change.
private struct EditResolver {
    let edit: PlannedEdit
    let directions: DirectionFile?
    let headSize: Int
    let place: String

    func change() throws -> Change {
        switch edit.operation {
        case .zero: return .zero
        case .scale: return .scale(Float(try strength()))
        case .mean: return .replace(try mean())
        case .projectOut: return .projectOut(try unitVector())
        case .reflect: return .reflect(try unitVector())
        case .rotate: return .rotate(try unitVector(), degrees: Float(try strength()))
        case .clamp: return .setComponent(try unitVector(), Float(try strength() * measure()))
        case .add:
            let strength = try strength()
            if strength == 0 {
                _ = try vector()
                return .add([Float](repeating: 0, count: headSize))
            }
            if edit.unit == .raw { return .add(try vector().map { Float(strength * $0) }) }
            let factor = try strength * measure()
            return .add(try unit().map { Float(factor * $0) })
        }
    }

    private func strength() throws -> Double {
        guard let strength = edit.strength else { throw missing("strength", "give the strength") }
        guard strength.isFinite, abs(strength) <= Double(Float.greatestFiniteMagnitude) else {
            throw InputError.badData("a strength of \(strength)", in: place, remedy: "give a finite number")
        }
        return strength
    }

    private func entry() throws -> DirectionFile.Entry? {
        let reference =
            edit.operation == .mean ? edit.direction ?? .named("\(edit.layer).\(edit.head)") : edit.direction
        guard case .named(let name) = reference else { return nil }
        guard let directions else {
            throw InputError.badData(
                "the direction \(name), but the plan names no directions file", in: place,
                remedy: "add the field directions, or give the direction as an array")
        }
        guard let entry = directions[name] else {
            throw InputError.badData(
                "the direction \(name), which \(directions.place) lacks", in: place,
                remedy: "the nearest there are "
                    + NearestNames.find(name, among: directions.names, count: 3).joined(separator: ", "))
        }
        return entry
    }

    private func vector() throws -> [Double] {
        var vector: [Double] = []
        if let entry = try entry() {
            vector = entry.vector.map(Double.init)
        } else if case .inline(let values) = edit.direction {
            vector = values
        } else {
            throw missing("direction", "give a direction's name or an array")
        }
        guard vector.count == headSize else {
            throw InputError.badData(
                "a direction of \(vector.count) values", in: "\(place).direction",
                remedy: "the model's heads have \(headSize)")
        }
        guard vector.allSatisfy({ $0.isFinite && abs($0) <= Double(Float.greatestFiniteMagnitude) }) else {
            throw InputError.badData(
                "a value that is no finite number", in: "\(place).direction", remedy: "fit the direction again")
        }
        return vector
    }

    private func unit() throws -> [Double] {
        let vector = try vector()
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard norm > 0 else {
            throw InputError.badData(
                "a direction of length 0, which has no unit vector", in: "\(place).direction",
                remedy: "choose another head or fit the direction on other examples")
        }
        return vector.map { $0 / norm }
    }

    private func unitVector() throws -> [Float] { try unit().map { Float($0) } }

    private func mean() throws -> [Float] {
        guard let mean = try entry()?.mean else { throw missing("mean", "store NAME.mean with the direction") }
        guard mean.count == headSize else {
            throw InputError.badData(
                "a mean of \(mean.count) values", in: "\(place).direction",
                remedy: "the model's heads have \(headSize)")
        }
        return mean
    }

    /// What one unit of strength is.
    private func measure() throws -> Double {
        let entry = try entry()
        let value: Float? =
            switch edit.unit {
            case .raw: 1
            case .sigma: entry?.sigma
            case .headNorm: entry?.headNorm
            case .residualNorm: entry?.residualNorm
            }
        guard let value else {
            throw missing(edit.unit.rawValue, "store NAME.\(edit.unit.rawValue) with the direction or use raw")
        }
        return Double(value)
    }

    private func missing(_ what: String, _ remedy: String) -> InputError {
        .badData(
            "no \(what) for the \(edit.operation.rawValue) of \(edit.layer).\(edit.head)", in: place, remedy: remedy)
    }
}
