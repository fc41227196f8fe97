import CausalSearch
import Checkpoints
import DataSets
import Directions
import Foundation
import HeadSteerTesting
import Tasks
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// Directions and causal effects of all 270 heads of the real model, against transformers with hooks.
final class SmolLM2SweepTests: XCTestCase {
    func testDirectionsAndEffects() throws {
        let file = try FixtureLocation.fetched(.smolLM2, onlyInRelease: true)
        let behaviour = FixtureLocation.fixtures.appending(path: "behaviour")
        let model = try LanguageModel(contentsOf: file)
        let tokenizer = try Tokenizer(contentsOf: file)
        let workers = WorkerPool()
        let reference = try SafetensorsFile(
            contentsOf: FixtureLocation.fixtures.appending(path: "reference/mood-sweep.safetensors"))
        guard case .labelled(let examples) = try DataSet(contentsOf: behaviour.appending(path: "mood.jsonl")) else {
            return XCTFail("mood.jsonl is not labelled")
        }
        let collection = try HeadCollection(
            try examples.map { try $0.tokens(tokenizer) }, model: model, workers: workers)
        let directions = try collection.table.directions(labels: examples.map(\.label))
        assertClose(
            directions.flatMap(\.vector), try reference.floats("theta"), relative: 1e-4, "directions")
        assertClose(
            directions.map { Float($0.sigma) }, try reference.floats("sigma"), relative: 1e-4, "spreads")

        let contrasts = try ContrastSet(
            DataSet(contentsOf: behaviour.appending(path: "mood-contrast.jsonl")), tokenizer: tokenizer,
            file: "mood-contrast.jsonl")
        let sweep = try HeadSweep(model, items: contrasts.items, workers: workers)
        let effects = try sweep.effects(of: directions, strength: 8)
            .sorted { $0.head < $1.head }
        assertClose(
            effects.map { Float($0.effect) }, try reference.floats("effect"), absolute: 1e-3, "effects of 270 heads"
        )
    }
}
