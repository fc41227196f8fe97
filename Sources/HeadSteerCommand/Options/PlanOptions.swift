import ArgumentParser
import DataFiles
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
        plan == nil ? [] : try loaded(for: model).edits(model.configuration)
    }

    /// The plan.
    ///
    /// - Throws: `InputError` if there is none, if it is wrong, or if it doesn't fit the model.
    func loaded(for model: OpenedModel) throws -> LoadedPlan {
        guard let plan else { throw InputError.usage("no plan", remedy: "give --plan FILE") }
        return try LoadedPlan(
            contentsOf: URL(filePath: plan), model: model.model, allowOtherModel: allowOtherModel,
            workers: model.workers)
    }
}
