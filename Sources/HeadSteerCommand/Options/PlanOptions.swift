import ArgumentParser
import Foundation
import Intervention
import Transformer

/// The edits to make.
struct PlanOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The edits to make: a plan.json.", valueName: "file"))
    var plan: String?

    @Flag(help: "Use the plan on another model of the same shape than it was made for.")
    var allowOtherModel = false

    func validate() throws {
        if allowOtherModel && plan == nil {
            throw ValidationError("--allow-other-model without a plan; give --plan FILE too")
        }
    }

    /// The edits that the plan asks for; none without a plan.
    ///
    /// - Throws: `InputError` if the plan is wrong or doesn't fit the model.
    func edits(for model: OpenedModel) throws -> [Edit] {
        guard let plan else { return [] }
        let loaded = try LoadedPlan(
            contentsOf: URL(filePath: plan), model: model.model, allowOtherModel: allowOtherModel,
            workers: model.workers)
        return try loaded.edits(model.configuration)
    }
}
