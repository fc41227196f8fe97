import DataFiles
import Directions
import Tasks
import Transformer

/// The screen, which is most of a search in a model of many heads, divided among several machines: each screens some parts, and a
/// search whose ``SearchState/screened`` has the heads of all goes on from there.
extension HeadSearch {
    /// What a cheap screen says of all heads, the best first, which every machine finds by itself; nil where all are screened in full.
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

    /// The parts that the full screen is made of, the same on every machine.
    ///
    /// - Parameter estimates: what a cheap screen says, which leaves heads out; nil where all are screened in full.
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
    ///   - estimates: those that the parts were made with.
    ///   - onPart: called with the index of each part in `parts` and what was found there.
    /// - Throws: `InputError` if the data don't suffice; `CancellationError`; what `onPart` throws.
    /// - Complexity: the texts' tokens and those of the prompts, which every machine reads, and the parts' share of
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
