import DataSets
import Foundation
import HeadSteerTesting
import Monitoring
import TensorCore
import Transformer

/// A monitor of the planted model, fitted on its sentences, one in ten of which may be flagged.
struct PlantedMonitor: Sendable {
    let planted: PlantedModel
    let texts: [WatchedText]
    let monitor: HeadMonitor

    var model: LanguageModel { planted.model }
    var workers: WorkerPool { planted.workers }
    /// The head that carries the mood, and its direction, a unit vector.
    static let head = Head(layer: 2, index: 1)
    let direction: [Float]
    let sigma: Float

    init(positions: WatchedPositions = .last, behaviours: Bool = false) throws {
        planted = try PlantedModel()
        let preparation = try WatchedTextPreparation(planted.tokenizer)
        let examples = try PlantedModel.examples("mood.jsonl") + PlantedModel.examples("mood-test.jsonl")
        texts = try examples.map {
            try preparation.prepare(PlainText(completion: $0.text, group: $0.group))
        }
        let found = try planted.directions().first { $0.head == Self.head }
        direction = found?.unit ?? []
        sigma = Float(found?.sigma ?? 0)
        let fitting = MonitorFitting(
            planted.model, workers: planted.workers, options: FitOptions(falseAlarms: 0.1, positions: positions))
        monitor = try fitting.fit(
            texts,
            behaviours: behaviours ? [BehaviourDirections(name: "mood", directions: [(Self.head, direction)])] : [],
            fingerprint: try planted.model.fingerprint(workers: planted.workers), provenance: ["data": "mood.jsonl"])
    }

    /// Moves the planted head by so many σ.
    func edit(_ strength: Float, positions: PositionRule = .last) -> Edit {
        .z(Self.head, positions: positions, .add(direction.map { $0 * strength * sigma }))
    }
}
