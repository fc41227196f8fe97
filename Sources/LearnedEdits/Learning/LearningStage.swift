import DataFiles
import Tasks
import Transformer

/// One stage of learning: the parameters of some heads' edits, fitted by Adam.
struct LearningStage {
    /// The name in reports, such as `offsets`.
    var name: String
    /// The number that keeps the stage's random numbers apart from those of other stages.
    var number: UInt64
    var parameters: any HeadParameters
    /// The parameters at the start; nil for the parametrisation's own initial values.
    var start: [Double]?
    var loss: PreferenceLoss
    var rate: Double
    var schedule: RateSchedule
    var epochs: Int
    /// The number of items in a step.
    var batch: Int
    /// The weight of the divergence on neutral text; 0 for none.
    var divergenceWeight: Double
    /// Whether the stage takes the epoch with the smallest loss on the items that decide when to stop; otherwise it
    /// takes the last epoch.
    ///
    /// If true, no epoch beyond the budget is taken, except the start, and the stage ends when this loss has not fallen
    /// for ``patience`` epochs.
    var stopsEarly: Bool

    /// The number of epochs to wait; JoLA's source waits for two epochs, but small parts need a little more.
    static let patience = 3
    /// The largest norm of a gradient, as in transformers' defaults and in the code of head gating.
    static let gradientNorm = 1.0

    /// The random number generator of an epoch.
    func random(epoch: Int, seed: UInt64) -> SeededGenerator {
        SeededGenerator(seed: seed, stream: number << 32 | UInt64(epoch + 1))
    }
}

/// The data of one learning, with their own or shuffled labels, and the unedited model's differences.
final class LearningData {
    let fit: [LearningItem]
    /// d₀ of each item of ``fit``.
    let unedited: [Double]
    private let stop: ItemDifferences
    private let uneditedStop: [Double]

    /// - Throws: `InputError` if an item is too long; `CancellationError`.
    init(_ parts: LearningInput.Parts, context: LearningContext) throws {
        fit = parts.fit
        unedited = try context.differences(of: parts.fit).differences([])
        stop = try context.differences(of: parts.stop)
        uneditedStop = try stop.differences([])
    }

    /// The mean loss under edits of the items that decide when to stop, and the mean change of their difference.
    func standing(_ edits: [Edit], _ loss: PreferenceLoss) throws -> (loss: Double, change: Double) {
        let values = try stop.differences(edits)
        let losses = zip(values, uneditedStop).map { loss.value($0, unedited: $1).loss }
        let changes = stop.items.byQuestion(zip(values, uneditedStop).map { $0 - $1 }).values
        return (mean(losses), mean(changes))
    }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
