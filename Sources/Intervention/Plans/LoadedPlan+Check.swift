import DataFiles
import Foundation
import TensorCore
import Transformer

extension LoadedPlan {
    /// Reads a plan for a model and checks that it fits; see ``init(contentsOf:)`` and
    /// ``check(_:allowOtherModel:workers:)``.
    ///
    /// - Throws: `InputError` if a file is missing or wrong, or if the plan doesn't fit the model.
    public init(
        contentsOf url: URL, model: LanguageModel, allowOtherModel: Bool = false, workers: WorkerPool
    ) throws {
        try self.init(contentsOf: url)
        try check(model, allowOtherModel: allowOtherModel, workers: workers)
    }

    /// Checks that the plan fits a model.
    ///
    /// - Throws: `InputError` if the fingerprint or the shape differs, or if an edit names a head or a token that the
    ///   model doesn't have.
    public func check(
        _ model: LanguageModel, allowOtherModel: Bool = false, workers: WorkerPool
    ) throws {
        let c = model.configuration
        if let reference = plan.model {
            for (field, expected, actual) in [
                ("layers", reference.layers, c.layers), ("heads", reference.heads, c.heads),
                ("headSize", reference.headSize, c.headSize),
            ] where expected != actual {
                throw InputError(
                    .otherModel,
                    "a plan for a model with \(field) = \(expected), but this model has \(actual)",
                    in: "\(name): model.\(field)", remedy: "use the plan's own model, or make a plan for this one")
            }
            guard reference.architecture == c.architecture else {
                throw InputError(
                    .otherModel,
                    "a plan for the architecture \(reference.architecture), but the model is \(c.architecture)",
                    in: "\(name): model.architecture", remedy: "use the plan's own model")
            }
            if !allowOtherModel {
                let fingerprint = try model.fingerprint(workers: workers)
                guard reference.fingerprint == fingerprint else {
                    throw InputError(
                        .otherModel,
                        "a plan for another model (\(reference.fingerprint.prefix(19))…, this one is "
                            + "\(fingerprint.prefix(19))…)",
                        in: "\(name): model.fingerprint",
                        remedy: "use the plan's own model, or give --allow-other-model for a model of the same shape")
                }
            }
        }
        for (index, edit) in plan.edits.enumerated() {
            try edit.target.check(c, place: "\(name): edits[\(index)]")
            try edit.positions.check(c, place: "\(name): edits[\(index)].positions")
            if let gate = edit.gate {
                try gate.target.check(c, place: "\(name): edits[\(index)].gate")
                try gate.positions?.check(c, place: "\(name): edits[\(index)].gate.positions")
            }
        }
    }
}

extension EditTarget {
    /// Checks that the model has the layer and the head.
    func check(_ c: ModelConfiguration, place: String) throws {
        guard layer >= 0, layer < c.layers else {
            throw InputError(
                .unknownName, "there is no layer \(layer)", in: "\(place).layer",
                remedy: "the model's layers are 0 to \(c.layers - 1)")
        }
        guard let head else { return }
        guard head.index >= 0, head.index < c.heads else {
            throw InputError(
                .unknownName, "there is no head \(head)", in: "\(place).head",
                remedy: "the model's query heads are 0 to \(c.heads - 1)")
        }
    }
}

extension PositionRule {
    /// Checks that the model has the tokens that the rule names.
    fileprivate func check(_ c: ModelConfiguration, place: String) throws {
        guard case .tokens(let tokens) = self, let largest = tokens.max(), largest >= c.vocabulary else { return }
        throw InputError(
            .unknownName, "the token \(largest), which the model doesn't have", in: "\(place).tokens",
            remedy: "the model's tokens are 0 to \(c.vocabulary - 1)")
    }
}
