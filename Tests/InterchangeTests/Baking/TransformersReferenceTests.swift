import Checkpoints
import Foundation
import Interchange
import Intervention
import Transformer
import XCTest
import _TestSupport

/// Baked models against transformers with hooks on the original weights (`Fixtures/interchange/make_baking.py`).
final class TransformersReferenceTests: XCTestCase {
    func testBakedModelsHaveTheLogitsOfHooks() throws {
        let folder = try makeTemporaryFolder()
        let fixtures = FixtureLocation.fixtures.appending(path: "interchange/baking")
        for (name, model) in [
            ("grouped", TestModel.grouped), ("grouped", TestModel.groupedFolder), ("sharded-bf16", TestModel.sharded),
        ] {
            let test = try TestModel(model)
            let planURL = fixtures.appending(path: "\(name).plan.json")
            let edits = try LoadedPlan(contentsOf: planURL, model: test.model, workers: test.workers)
                .edits(test.model.configuration)
            XCTAssertEqual(edits.count, 9, name)
            let reference = try SafetensorsFile(contentsOf: fixtures.appending(path: "\(name).safetensors"))
            let ids = try reference.floats("ids").map { Int($0) }
            let (plain, steered) = try (reference.floats("plain"), reference.floats("steered"))
            XCTAssertGreaterThan(Difference(plain, steered).value, 1, model)

            let url = folder.appending(path: model.replacingOccurrences(of: "/", with: "-"))
            try Bake(test.model, edits: edits, plan: "{}", workers: test.workers).write(to: url)
            let baked = try LanguageModel(contentsOf: url)
            let logits = try TestModel.logits(baked, ids, [], test.workers)
            assertClose(logits.elements, steered, absolute: 1e-4, "\(model): baked")
            let live = try TestModel.logits(test.model, ids, edits, test.workers)
            assertClose(live.elements, steered, absolute: 1e-4, "\(model): live")
        }
    }
}
