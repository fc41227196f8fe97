import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Logits and tokens of the real model under every kind of edit, against transformers in float32 on the same dequantised
/// weights with the same edits as hooks: `Fixtures/interventions/smollm2.py`.
final class SmolLM2EditTests: XCTestCase {
    func testEveryOperation() throws {
        let file = try FixtureLocation.fetched(.smolLM2, onlyInRelease: true)
        let reference = try OperationReference("smollm2")
        XCTAssertGreaterThanOrEqual(reference.cases.count, 50)
        let differences = try reference.check(
            LanguageModel(contentsOf: file), every: 499, tolerance: 3e-4, workers: WorkerPool())
        for (name, difference) in differences { print("\(name): largest logit difference \(difference)") }
        print(
            "largest logit difference under \(differences.count) plans: \(differences.map(\.difference).max() ?? 0)"
        )
    }
}
