import DataFiles

extension LoadedPlan {
    /// The plan with all strengths multiplied by a factor; a negative factor gives the opposite behaviour.
    ///
    /// - Parameter operations: the operations whose strengths may be multiplied; by default those that do nothing at
    ///   strength 0.
    /// - Throws: `InputError` if an edit has another operation or no strength.
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

    /// The index of the first edit without a dose, which no factor makes larger or smaller; nil if all edits have one.
    package func firstWithoutDose(_ operations: Set<EditOperation> = EditOperation.withDose) -> Int? {
        plan.edits.firstIndex { !operations.contains($0.operation) || $0.effectiveStrength == nil }
    }
}

extension EditOperation {
    /// The operations that do nothing at strength 0, and more at larger strengths.
    public static let withDose: Set<EditOperation> = [.add, .rotate, .multiply]
}
