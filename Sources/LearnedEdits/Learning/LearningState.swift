import DataFiles

/// The state of learning, from which it continues after the last whole epoch and ends with bit-identical results.
public struct LearningState: ResumableState, Sendable, Equatable {
    /// The key that learning was started with; a state with another key can't be used.
    public var key: String
    /// A note for anybody who finds the file of learning that was stopped.
    private(set) var about = "how far unfinished learning has come; the same command goes on with it"
    /// The stages that were started, by name.
    var stages: [String: StageState] = [:]

    /// Makes the state of learning that hasn't started.
    ///
    /// - Parameter key: a digest of everything that the result depends on: model, data, options, program.
    public init(key: String) { self.key = key }

    /// Whether every stage has a number for each parameter, and has the epoch that is taken.
    public var isWhole: Bool { stages.values.allSatisfy(\.isWhole) }
}

/// One stage after a whole epoch.
struct StageState: Sendable, Codable, Equatable {
    /// The parameters after the last epoch.
    var parameters: StoredNumbers
    var adam: Adam
    /// Every epoch so far, from 0.
    var epochs: [LearningEpoch]
    /// The parameters that are taken, and the epoch that they are from.
    var taken: StoredNumbers
    var takenEpoch = 0
    var isDone = false

    var isWhole: Bool {
        let count = parameters.values.count
        return epochs.indices.contains(takenEpoch) && taken.values.count == count
            && adam.mean.values.count == count && adam.square.values.count == count
    }

    /// Whether the state can belong to a stage; somebody may have changed the number of parameters or epochs in its
    /// file.
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
