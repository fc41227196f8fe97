import CausalSearch
import Foundation

/// The screen of a study's search, divided among several machines like that of a search by itself.
extension Study {
    /// The parts that the screen is made of, the same on every machine.
    ///
    /// - Throws: `InputError` if data are missing or wrong.
    public func screenParts(folder: URL, own: URL) throws -> [HeadPart] {
        search.screenParts(searchOptions, in: searchInput(try data(folder: folder, own: own)))
    }

    /// Screens the heads of some parts.
    ///
    /// - Parameter onPart: called with the index of each part in `parts` and what was found there.
    /// - Throws: `InputError` if data are missing or aren't enough; `CancellationError`; what `onPart` throws.
    public func screen(
        _ parts: [HeadPart], folder: URL, own: URL, onStage: (SearchStage) -> Void = { _ in },
        onPart: (_ index: Int, _ found: [ScreenedHead]) throws -> Void
    ) throws {
        try search.screen(
            parts, searchOptions, in: searchInput(try data(folder: folder, own: own)), onStage: onStage, onPart: onPart)
    }
}
