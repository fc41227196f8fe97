import Attribution
import CausalSearch
import DataFiles
import Directions
import Documents
import Foundation
import Intervention
import Reporting
import Tasks
import TensorCore
import Transformer

/// The estimated effects of the directions in a file, for all heads at once.
struct DirectionAttribution {
    private let directions: DirectionFile
    private let unit: StrengthUnit
    private let positions: PositionRule
    private let steps: Int
    private let data: AttributedData
    private let opened: OpenedModel
    private let environment: CommandEnvironment
    private let attribution: SteeringAttribution

    init(
        _ directions: DirectionFile, unit: StrengthUnit, positions: PositionRule, steps: Int, data: AttributedData,
        _ opened: OpenedModel, _ environment: CommandEnvironment
    ) throws {
        self.directions = directions
        self.unit = unit
        self.positions = positions
        self.steps = steps
        self.data = data
        self.opened = opened
        self.environment = environment
        attribution = SteeringAttribution(
            opened.model, items: data.items, workers: opened.workers,
            isCancelled: { environment.interruption.isRequested })
    }

    /// The estimated effects, largest first.
    ///
    /// - Throws: `InputError` if the file names no head of the model, or lacks what the unit needs.
    func effects(strength: Double) throws -> [HeadEffectOutput] {
        try estimated(strength: strength).map(HeadEffectOutput.init)
    }

    /// How well estimates agree with measured effects at a strength.
    func check(strength: Double) throws -> CheckedAttribution {
        CheckedAttribution(
            strength: strength,
            agreement: EffectAgreement(
                estimated: try estimated(strength: strength), measured: try measured(strength: strength)))
    }

    /// The measured effects: by a sweep, which shares more work, where it measures the same.
    private func measured(strength: Double) throws -> [HeadEffect] {
        let edits = try directions.headEdits(strength: strength, unit: unit, opened)
        guard data.isOfNextTokens, case .last = positions else {
            return try environment.stage("Measuring heads", total: attribution.measuredTextCount(of: edits)) {
                progress in
                try attribution.measuredEffects(of: edits, at: positions, onProgress: { try? progress($0) })
            }
        }
        let sweep = try HeadSweep(
            opened.model, items: data.contrasts.items, workers: opened.workers,
            isCancelled: { environment.interruption.isRequested })
        return try environment.stage("Sweeping heads", total: edits.count) { progress in
            try sweep.effects(of: edits, onProgress: { try? progress($0) })
        }
    }

    /// The sizes of each head's estimate of one step if gradients can't cancel each other.
    func sizes(strength: Double) throws -> [HeadResult<UncancelledSize>] {
        let edits = try directions.headEdits(strength: strength, unit: unit, opened)
        return try environment.stage("Leaving out layers", total: opened.configuration.layers) { progress in
            try attribution.sizesWithoutCancellation(of: edits, at: positions, onProgress: { try? progress($0) })
        }
    }

    /// The estimates for one item by head and position, [L · H, T]; 0 at heads that the file has no direction for.
    func positions(strength: Double, item: Int) throws -> Matrix {
        let edits = try directions.headEdits(strength: strength, unit: unit, opened)
        let found = try attribution.positionEffects(of: edits, item: item)
        let heads = opened.configuration.heads
        var all = Matrix(rows: opened.configuration.layers * heads, columns: found.columns)
        for (row, edit) in edits.enumerated() {
            for position in 0..<found.columns {
                all[edit.layer * heads + edit.head, position] = found[row, position]
            }
        }
        return all
    }

    private func estimated(strength: Double) throws -> [HeadEffect] {
        let edits = try directions.headEdits(strength: strength, unit: unit, opened)
        return try environment.stage("Attributing", total: attribution.textCount(of: edits, steps: steps)) { progress in
            try attribution.effects(of: edits, at: positions, steps: steps, onProgress: { try? progress($0) })
        }
    }
}
