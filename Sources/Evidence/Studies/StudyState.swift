import CausalSearch
import DataFiles
import Evaluation

/// What a study has found so far; a study that starts again with it does nothing twice.
public struct StudyState: ResumableState, Sendable, Equatable {
    /// The key that the study was begun with; a state with another key is of no use.
    public var key: String
    /// A note for whoever finds the file of a study that was stopped.
    private(set) var about = "what an unfinished study has found so far; the same command goes on with it"
    /// What the study's search has found.
    public var search: SearchState
    var evaluation: EvaluationReport?
    var doses: DoseResponse?
    /// The comparisons of each question by themselves; together they take about as long as everything else.
    var comparisons: [Comparison.Question: [Comparison]] = [:]
    /// Empty if the study asks nothing openly.
    var openEnded: [OpenEndedTexts]?
    var phrasings: [PhrasingResult]?

    /// - Parameter key: a digest of everything that the study's result depends on: model, data, plan, program.
    public init(key: String) {
        self.key = key
        search = SearchState(key: key)
    }
}
