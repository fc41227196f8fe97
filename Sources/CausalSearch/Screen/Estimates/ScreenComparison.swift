import DataFiles
import Statistics
import Transformer

/// The findings of a screen compared with the exact screen's, and its cost.
public struct ComparedScreen: Sendable, Codable, Equatable {
    /// The screen.
    public var method: ScreenMethod
    /// The number of heads that the screen measured in full.
    public var measured: Int
    /// The share of the ten heads with the largest exact effects that are among the screen's ten largest estimates.
    public var topTenRecall: Double
    /// The share of the ten heads with the largest exact effects that the screen kept, to be measured in full.
    public var keptTopTen: Double
    /// The rank correlation of the screen's estimates with the exact effects over all heads; nil if either is the same
    /// for all heads.
    public var rankCorrelation: Double?
    /// The number of heads that the exact screen calls, with an effect above 0 and q at most 0.05.
    public var calledExactly: Int
    /// The number of these heads that this screen calls too; see ``calledExactly``.
    public var calledToo: Int
    /// The number of last positions that went through the model: edits times items.
    public var positions: Int
    /// The seconds for the estimates and for what was then measured in full, over all runs of a comparison that was
    /// stopped; nil in a file that two runs write with the same bytes.
    public var seconds: Double?
}

extension HeadSearch {
    /// Runs several screens over all heads and compares each with the exact screen.
    ///
    /// - Parameters:
    ///   - options: the options of the search that the screens are for; its own method doesn't matter.
    ///   - methods: the screens to compare; the exact screen always runs, and runs first.
    ///   - parts: a journal that keeps each screen's findings: a comparison that was stopped continues after the last
    ///     layer that was screened completely.
    /// - Throws: `InputError` if the data don't suffice or the journal can't be written; `CancellationError`.
    /// - Complexity: the sum over all these screens.
    public func compareScreens(
        _ options: SearchOptions = SearchOptions(), in input: SearchInput,
        methods: [ScreenMethod] = ScreenMethod.allCases, parts: PartJournal = PartJournal(),
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
            // Findings of one screen must not be reused by the next one.
            let kept = KeptScreen(parts, method)
            var state = try kept.state(layers: model.configuration.layers)
            let (start, before) = (ContinuousClock.now, try kept.seconds)
            func seconds() -> Double { before + (ContinuousClock.now - start) / .seconds(1) }
            var search = self
            search.onState = { try kept.keep($0, seconds: seconds()) }
            let found = try search.screen(
                directions, sweep: sweep, items: items, options: options, state: &state, onStage: onStage)
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
            let keptHeads = Set(measured.map(\.head))
            return ComparedScreen(
                method: method, measured: measured.count,
                topTenRecall: Double(best.count(where: ownBest.contains)) / Double(max(best.count, 1)),
                keptTopTen: Double(best.count(where: keptHeads.contains)) / Double(max(best.count, 1)),
                rankCorrelation: rankCorrelation(order.map(\.effect), order.map { effects[$0.head] ?? 0 }),
                calledExactly: called(exact).count, calledToo: called(exact).intersection(called(found)).count,
                positions: measured.count * options.screen.variantsOfHead * items.count
                    + estimatePositions(method, heads: directions.count, items: items.count, options: options),
                seconds: seconds())
        }
    }

    /// The number of last positions that a cheap screen's estimates need.
    private func estimatePositions(_ method: ScreenMethod, heads: Int, items: Int, options: SearchOptions) -> Int {
        switch method {
        case .exact: return 0
        case .knockouts: return GroupScreen.sets * items
        case .groups: return 2 * GroupScreen.sets * items
        // The backward pass takes about twice as long as the forward pass.
        case .attribution: return 3 * items
        case .halving:
            return HalvingScreen.rounds(heads: heads, keeping: options.screenedInFull(of: heads), items: items)
                .reduce(0) { $0 + 2 * $1.heads * $1.items }
        }
    }
}
