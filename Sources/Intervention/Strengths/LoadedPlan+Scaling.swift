import DataFiles

extension LoadedPlan {
    /// The plan with what it does made larger, smaller or opposite.
    ///
    /// - Parameter operations: those whose strengths are multiplied: by default those that do nothing at a strength of 0.
    /// - Throws: `InputError` if an edit's operation is none of them.
    public func scaled(
        by factor: Double, operations: Set<EditOperation> = EditOperation.withDose
    ) throws -> LoadedPlan {
        if let index = firstWithoutDose(operations) {
            let known = EditOperation.allCases.filter(operations.contains).map(\.rawValue)
            throw InputError.badData(
                "\(plan.edits[index].operation.rawValue), which has no dose",
                in: "\(name): edits[\(index)].operation",
                remedy: "leave the dose-response curve or the budget out; \(known.joined(separator: ", ")) have one")
        }
        var scaled = self
        for (index, edit) in plan.edits.enumerated() {
            scaled.plan.edits[index].strength = edit.effectiveStrength.map { $0 * factor }
        }
        return scaled
    }

    /// The index of the first edit that no factor makes larger or smaller; nil where all have a dose.
    package func firstWithoutDose(_ operations: Set<EditOperation> = EditOperation.withDose) -> Int? {
        plan.edits.firstIndex { !operations.contains($0.operation) || $0.effectiveStrength == nil }
    }
}

extension EditOperation {
    /// Those that do nothing at a strength of 0, and more the larger it is.
    public static let withDose: Set<EditOperation> = [.add, .rotate, .multiply]
}
