import ArgumentParser
import Foundation
import Intervention

/// Options for a plan at its own strength.
struct PlanFileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The plan of edits to make: a plan.json.", valueName: "file"))
    var plan: String?

    @Flag(help: "Use the plan on a model that it was not made for, if the shape is the same.")
    var allowOtherModel = false

    func validate() throws {
        if allowOtherModel && plan == nil {
            throw ValidationError("--allow-other-model without a plan; give --plan FILE too")
        }
    }

    /// A plan, opened with these options.
    ///
    /// - Throws: `InputError` if the plan is wrong or doesn't fit the model.
    func loaded(_ path: String, for model: OpenedModel) throws -> LoadedPlan {
        try LoadedPlan(
            contentsOf: URL(filePath: path), model: model.model, allowOtherModel: allowOtherModel,
            workers: model.workers)
    }
}
