import CausalSearch
import Transformer

/// The screen, divided among several machines.
///
/// In a model of many heads the screen is most of an audit. Each machine screens some parts, and an audit whose
/// ``AuditState/screened`` has the heads of all parts goes on from there.
extension Audit {
    /// The parts that the screen is made of, the same on every machine.
    ///
    /// - Throws: `InputError` if the data aren't enough, or the same text is in both halves.
    public func screenParts(_ input: AuditInput) throws -> [HeadPart] {
        let work = try AuditWork(self, input)
        return HeadPart.all(
            Head.all(model.configuration), variantsOfHead: work.screenOptions.variantsOfHead,
            items: work.sweptItems.count)
    }

    /// Screens the heads of some parts.
    ///
    /// - Parameter onPart: called with the index of each part in `parts` and what was found there.
    /// - Throws: `InputError` if the data aren't enough; `CancellationError`; what `onPart` throws.
    public func screen(
        _ parts: [HeadPart], of input: AuditInput, onPart: (_ index: Int, _ found: [ScreenedHead]) throws -> Void
    ) throws {
        let work = try AuditWork(self, input)
        let directions = try work.readings().directions
        try work.headScreen().screen(
            parts, of: directions, onProgress: { onProgress(.screen, $0, $1) }, onPart: onPart)
    }
}
