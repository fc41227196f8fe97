import DataFiles
import Directions
import Tasks
import Transformer

/// Divides the screen among several machines; in a model with many heads it is most of a search.
///
/// Each machine screens some parts. A search whose ``SearchState/screened`` has the heads of all parts continues from
/// there.
extension HeadSearch {
    /// A cheap screen's estimates of all heads, the best first; nil if all heads are screened in full.
    ///
    /// Every machine computes these estimates by itself.
    ///
    /// - Throws: `InputError` if the data don't suffice; `CancellationError`.
    public func estimates(
        _ options: SearchOptions, in input: SearchInput, onStage: (SearchStage) -> Void = { _ in }
    ) throws -> [EstimatedHead]? {
        guard options.method != .exact else { return nil }
        let directions = try fitted(options, input, onStage: onStage).directions
        let items = input.contrasts.evenly(options.items).items
        let sweep = try HeadSweep(model, items: items, workers: workers, isCancelled: isCancelled)
        return try EstimatingScreen(
            model: model, sweep: sweep, items: items, directions: directions, options: options, workers: workers,
            isCancelled: isCancelled
        ).estimates { onStage(.estimating(done: $0, of: $1)) }
    }

    /// The parts of the full screen, the same on every machine.
    ///
    /// - Parameter estimates: a cheap screen's estimates, by which heads are left out; nil if all heads are screened in
    ///   full.
    public func screenParts(
        _ options: SearchOptions, in input: SearchInput, estimates: [EstimatedHead]? = nil
    ) -> [HeadPart] {
        let dropped = options.dropped(by: estimates)
        return HeadPart.all(
            Head.all(model.configuration).filter { !dropped.contains($0) },
            variantsOfHead: options.screen.variantsOfHead, items: input.contrasts.evenly(options.items).items.count)
    }

    /// Screens the heads of some parts.
    ///
    /// - Parameters:
    ///   - estimates: the estimates that the parts were made with.
    ///   - onPart: called with the index of each part in `parts` and the findings there.
    /// - Throws: `InputError` if the data don't suffice; `CancellationError`; what `onPart` throws.
    /// - Complexity: the tokens of the texts and of the prompts, which every machine reads, and the parts' share of
    ///   ``HeadScreen/screen(_:onProgress:)``.
    public func screen(
        _ parts: [HeadPart], _ options: SearchOptions, in input: SearchInput, estimates: [EstimatedHead]? = nil,
        onStage: (SearchStage) -> Void = { _ in }, onPart: (_ index: Int, _ found: [ScreenedHead]) throws -> Void
    ) throws {
        let dropped = options.dropped(by: estimates)
        let directions = try fitted(options, input, onStage: onStage).directions.filter { !dropped.contains($0.head) }
        let items = input.contrasts.evenly(options.items).items
        let sweep = try HeadSweep(model, items: items, workers: workers, isCancelled: isCancelled)
        try HeadScreen(sweep, groups: items.map(\.group), options: options.screen).screen(
            parts, of: directions, onProgress: { onStage(.screening(done: $0, of: $1)) }, onPart: onPart)
    }
}
