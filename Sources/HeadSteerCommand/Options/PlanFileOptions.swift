import ArgumentParser
import Foundation
import Intervention

/// A plan as it is.
struct PlanFileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The edits to make: a plan.json.", valueName: "file"))
    var plan: String?

    @Flag(help: "Use the plan on another model of the same shape than it was made for.")
    var allowOtherModel = false

    func validate() throws {
        if allowOtherModel && plan == nil {
            throw ValidationError("--allow-other-model without a plan; give --plan FILE too")
        }
    }

    /// A plan, opened with these options.
    ///
    /// - Throws: `InputError` if it is wrong, or doesn't fit the model.
    func loaded(_ path: String, for model: OpenedModel) throws -> LoadedPlan {
        try LoadedPlan(
            contentsOf: URL(filePath: path), model: model.model, allowOtherModel: allowOtherModel,
            workers: model.workers)
    }
}
