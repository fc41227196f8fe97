import Attribution
import Directions
import Tasks
import TensorCore
import Transformer

extension HeadSearch {
    /// A cheap screen's estimates of all heads, the best first; nil if all heads are screened in full.
    func estimates(
        _ directions: [HeadDirection], sweep: HeadSweep, items: [ContrastItem], options: SearchOptions,
        state: inout SearchState, onStage: (SearchStage) -> Void
    ) throws -> [EstimatedHead]? {
        if options.method == .exact { return nil }
        if let estimates = state.estimates, estimates.map(\.head).sorted() == directions.map(\.head).sorted() {
            return estimates
        }
        let screen = EstimatingScreen(
            model: model, sweep: sweep, items: items, directions: directions, options: options, workers: workers,
            isCancelled: isCancelled)
        let estimates = try screen.estimates { onStage(.estimating(done: $0, of: $1)) }
        state.estimates = estimates
        try onState(state)
        return estimates
    }
}

extension SearchOptions {
    /// The number of heads that a cheap screen keeps, to be screened in full.
    ///
    /// It is an eighth of all heads, but enough to choose from. After attribution, whose own work costs almost nothing,
    /// it is a quarter.
    func screenedInFull(of all: Int) -> Int {
        let share = method == .attribution ? 4 : 8
        return min(all, max((all + share - 1) / share, 4 * heads, checkedHeads))
    }

    /// The heads that aren't screened in full.
    ///
    /// - Parameter estimates: a cheap screen's estimates of all heads, the best first; with nil, no head is left out.
    func dropped(by estimates: [EstimatedHead]?) -> Set<Head> {
        estimates.map { Set($0.dropFirst(screenedInFull(of: $0.count)).map(\.head)) } ?? []
    }
}

/// The cheap screens of a search.
struct EstimatingScreen {
    let model: LanguageModel
    let sweep: HeadSweep
    let items: [ContrastItem]
    let directions: [HeadDirection]
    let options: SearchOptions
    let workers: WorkerPool
    let isCancelled: () -> Bool

    /// Estimates of all heads, the best first.
    func estimates(onProgress: (Int, Int) -> Void) throws -> [EstimatedHead] {
        let strength = options.screen.strengths[0]
        let found: [EstimatedHead]
        switch options.method {
        case .exact: found = []
        case .knockouts, .groups:
            found = try GroupScreen(sweep: sweep, directions: directions, strength: strength, seed: options.seed)
                .estimates(options.method, onProgress: onProgress)
        case .halving:
            found = try HalvingScreen(
                model: model, items: items, directions: directions, strength: strength, workers: workers,
                isCancelled: isCancelled
            ).estimates(keeping: options.screenedInFull(of: directions.count), onProgress: onProgress)
        case .attribution:
            found = try SteeringAttribution(model, items: items, workers: workers, isCancelled: isCancelled)
                .effects(
                    of: directions.map { $0.headEdit(sigmas: strength) },
                    onProgress: { onProgress($0, items.count) }
                ).map { EstimatedHead($0.head, HeadEstimate(effect: $0.effect)) }
        }
        return found.sorted(by: EstimatedHead.isBefore)
    }
}
