import DataFiles

/// What learning has come to: begun again with it, it goes on after the last whole epoch and ends with the same bytes.
public struct LearningState: ResumableState, Sendable, Equatable {
    /// What learning was begun with; a state of another key is of no use.
    public var key: String
    /// For whoever finds the file of learning that was stopped.
    private(set) var about = "how far unfinished learning has come; the same command goes on with it"
    /// The stages that were begun, by their names.
    var stages: [String: StageState] = [:]

    /// - Parameter key: a digest of everything that the result depends on: model, data, options, program.
    public init(key: String) { self.key = key }

    /// Whether every stage's numbers are as many as its parameters, and the epoch that is taken is there.
    public var isWhole: Bool { stages.values.allSatisfy(\.isWhole) }
}

/// One stage after a whole epoch.
struct StageState: Sendable, Codable, Equatable {
    /// The parameters after the last epoch.
    var parameters: StoredNumbers
    var adam: Adam
    /// Every epoch so far, from 0.
    var epochs: [LearningEpoch]
    /// The parameters that are taken, and the epoch that they are of.
    var taken: StoredNumbers
    var takenEpoch = 0
    var isDone = false

    var isWhole: Bool {
        let count = parameters.values.count
        return epochs.indices.contains(takenEpoch) && taken.values.count == count
            && adam.mean.values.count == count && adam.square.values.count == count
    }

    /// Whether a stage stood so: one that somebody changed may have other numbers of parameters, or more epochs than there are.
    func isOf(_ stage: LearningStage, stepsOfEpoch: Int) -> Bool {
        let done = epochs.count - 1
        return isWhole && parameters.values.count == stage.parameters.count && done <= stage.epochs
            && (isDone || done < stage.epochs) && adam.steps == done * stepsOfEpoch
    }

    init(_ parameters: [Double]) {
        self.parameters = StoredNumbers(parameters)
        adam = Adam(count: parameters.count)
        epochs = []
        taken = self.parameters
    }
}
