import Foundation
import HeadSteer
import XCTest
import _TestSupport

@testable import HeadSteerBench

/// Real models of other families than Llama, against transformers in float32 on their dequantised weights.
final class RealModelComparisonTests: XCTestCase {
    private func check(_ model: FetchedFile, _ name: String) throws {
        let file = try FixtureLocation.fetched(model, onlyInRelease: true)
        let result = try RealModelComparison(
            name, model: LanguageModel(contentsOf: file),
            in: FixtureLocation.fixtures.appending(path: "reference"), workers: WorkerPool()
        ).result()
        XCTAssertEqual(result.prompts, 5)
        XCTAssertGreaterThan(result.longestPrompt, 580)
        XCTAssertLessThan(result.logits, 5e-3, "logits of \(name)")
        XCTAssertLessThan(result.plans, 5e-3, "logits of \(name) under plans")
        XCTAssertLessThan(result.z, 1e-4, "z of \(name)")
        // A text may part only where two ids are as likely, to float32's last digits.
        XCTAssertLessThan(result.leadWhereTextsPart ?? 0, 5e-3, "\(result)")
        XCTAssertGreaterThan(result.sameIds, result.ids * 9 / 10, "\(result)")
    }

    func testQwen2Coder05B() throws { try check(.qwenCoder500M, "qwen2.5-coder-0.5b-instruct") }
    func testQwen2Coder15B() throws { try check(.qwenCoder1500M, "qwen2.5-coder-1.5b-instruct") }
    func testGemma3() throws { try check(.gemma270M, "gemma-3-270m") }
}
