import Gradients
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Gradients through real models with quantised weights, against torch in float32 on the dequantised ones.
final class RealModelGradientTests: XCTestCase {
    func testSmolLM2() throws { try check(.smolLM2, "smollm2") }

    func testQwen2Coder05B() throws { try check(.qwenCoder500M, "qwen2.5-coder-0.5b") }

    private func check(_ file: FetchedFile, _ name: String) throws {
        let model = try LanguageModel(contentsOf: FixtureLocation.fetched(file, onlyInRelease: true))
        let reference = try GradientReference(name, model: model)
        let prompt = try XCTUnwrap(reference.facts.integers("prompt"))
        let count = model.configuration.layers
        let layers = [0, count / 2 - 1, count - 1]
        let kinds: [SiteKind] = [.residualPre, .query, .key, .value, .mlpPost]
        let sites = layers.flatMap { layer in kinds.map { Site($0, layer: layer) } }
        let text = GradientText(
            tokens: prompt, promptCount: prompt.count,
            objective: .logitDifference(
                try XCTUnwrap(reference.facts.integers("positive")), try XCTUnwrap(reference.facts.integers("negative"))
            ),
            reads: (0..<count).map { Read(.z($0)) } + sites.map { Read($0, at: .all) })
        let result = try GradientRun(model, workers: WorkerPool()).gradients(of: [text])[0]
        XCTAssertEqual(result.objective, try XCTUnwrap(reference.facts.double("value")), accuracy: 1e-4)
        let z = try reference.tensors.floats("z")
        let size = model.configuration.heads * model.configuration.headSize
        for layer in 0..<count {
            assertClose(
                try XCTUnwrap(result[.z(layer)]).gradients.elements, z[(layer * size)..<((layer + 1) * size)],
                relative: 1e-4, "z of layer \(layer)")
        }
        for site in sites {
            let found = try XCTUnwrap(result[site]).gradients
            assertClose(
                Array(found.row(1)) + Array(found.row(found.rows - 1)),
                try reference.tensors.floats(site.transformerLensName), relative: 1e-4, "\(site)")
        }
    }
}
