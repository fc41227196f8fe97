import DataFiles
import Statistics
import Transformer

/// What a screen found beside the exact one, and what it cost.
public struct ComparedScreen: Sendable, Codable, Equatable {
    /// The screen.
    public var method: ScreenMethod
    /// How many heads it measured in full.
    public var measured: Int
    /// The share of the ten heads of the largest exact effect that are among the ten of its largest estimates.
    public var topTenRecall: Double
    /// The share of those ten that it left to be measured in full.
    public var keptTopTen: Double
    /// The rank correlation of its estimates with the exact effects over all heads; nil where one of them is the same everywhere.
    public var rankCorrelation: Double?
    /// How many heads the exact screen calls, with an effect above 0 and q at most 0.05, and how many of those this one calls too.
    public var calledExactly: Int
    /// See ``calledExactly``.
    public var calledToo: Int
    /// How many last positions went through the model: edits times items.
    public var positions: Int
    /// Seconds for the estimates and what was then measured in full.
    public var seconds: Double
}

extension HeadSearch {
    /// Looks through all heads in every way and compares each with the exact one.
    ///
    /// - Parameters:
    ///   - options: of the search that the screens are for; its own method doesn't matter.
    ///   - methods: the exact one is done in any case, first.
    /// - Throws: `InputError` if the data don't suffice; `CancellationError`.
    /// - Complexity: that of all these screens together.
    public func compareScreens(
        _ options: SearchOptions = SearchOptions(), in input: SearchInput,
        methods: [ScreenMethod] = ScreenMethod.allCases,
        onStage: (SearchStage) -> Void = { _ in }
    ) throws -> [ComparedScreen] {
        let directions = try fitted(options, input, onStage: onStage).directions
        let items = input.contrasts.evenly(options.items).items
        let sweep = try HeadSweep(model, items: items, workers: workers, isCancelled: isCancelled)
        func called(_ heads: [ScreenedHead]) -> Set<Head> {
            Set(heads.filter { ($0.q ?? 1) <= 0.05 && $0.effect > 0 }.map(\.head))
        }
        var exact: [ScreenedHead] = []
        return try ([.exact] + methods.filter { $0 != .exact }).map { method -> ComparedScreen in
            var options = options
            options.method = method
            // What an earlier screen did is not to be found again.
            var search = self
            search.onState = { _ in }
            var state = SearchState(key: "")
            var clock = StageClock()
            let found = try search.screen(
                directions, sweep: sweep, items: items, options: options, state: &state, onStage: onStage)
            clock.end("screen")
            if method == .exact { exact = found }
            let effects = Dictionary(uniqueKeysWithValues: exact.map { ($0.head, $0.effect) })
            let best = exact.sorted(by: ScreenedHead.isBefore).prefix(10).map(\.head)
            let order =
                state.estimates
                ?? exact.sorted(by: ScreenedHead.isBefore).map {
                    EstimatedHead($0.head, HeadEstimate(effect: $0.effect))
                }
            let ownBest = Set(order.prefix(10).map(\.head))
            let measured = found.filter { $0.isDropped != true }
            let kept = Set(measured.map(\.head))
            return ComparedScreen(
                method: method, measured: measured.count,
                topTenRecall: Double(best.count(where: ownBest.contains)) / Double(max(best.count, 1)),
                keptTopTen: Double(best.count(where: kept.contains)) / Double(max(best.count, 1)),
                rankCorrelation: rankCorrelation(order.map(\.effect), order.map { effects[$0.head] ?? 0 }),
                calledExactly: called(exact).count, calledToo: called(exact).intersection(called(found)).count,
                positions: measured.count * options.screen.variantsOfHead * items.count
                    + estimatePositions(method, heads: directions.count, items: items.count, options: options),
                seconds: clock.stages[0].seconds)
        }
    }

    /// How many last positions a cheap screen's estimates take.
    private func estimatePositions(_ method: ScreenMethod, heads: Int, items: Int, options: SearchOptions) -> Int {
        switch method {
        case .exact: return 0
        case .knockouts: return GroupScreen.sets * items
        case .groups: return 2 * GroupScreen.sets * items
        // The backward pass takes about twice what the forward pass does.
        case .attribution: return 3 * items
        case .halving:
            return HalvingScreen.rounds(heads: heads, keeping: options.screenedInFull(of: heads), items: items)
                .reduce(0) { $0 + 2 * $1.heads * $1.items }
        }
    }
}
