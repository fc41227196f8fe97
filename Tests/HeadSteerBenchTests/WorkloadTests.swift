import XCTest

@testable import HeadSteerBench
@testable import Transformer

/// The inputs of the measurements.
final class WorkloadTests: XCTestCase {
    private let work = Workload(
        ModelConfiguration(
            architecture: "llama", layers: 30, heads: 9, kvHeads: 3, headSize: 64, width: 576, feedForward: 1536,
            vocabulary: 1000, context: 2048, norm: NormDescription(.rms, epsilon: 1e-5),
            blocks: Array(
                repeating: BlockDescription(
                    attention: AttentionDescription(
                        rotary: RotaryDescription(size: 64, base: 10_000), scale: 0.125), mlp: .gated(.silu)),
                count: 30),
            tiedEmbeddings: true))

    func testSweepTakesEachHeadOnce() {
        let all = work.sweep(prompts: 6, length: 8)
        XCTAssertEqual(all.edits.map { $0.layer * 9 + $0.head }, Array(0..<270))
        XCTAssertEqual(all.items.map(\.prompt.count), [8, 8, 8, 8, 8, 8])
        XCTAssertEqual(Set(all.items.map(\.prompt)).count, 6, "prompts that are alike")
        let some = work.sweep(prompts: 1, length: 2, heads: 27).edits.map { $0.layer * 9 + $0.head }
        XCTAssertEqual(some, Array(stride(from: 0, to: 270, by: 10)))
    }

    func testPlanEditsFourHeadsOverTheLayers() {
        let plan = work.plan()
        XCTAssertEqual(plan.compactMap(\.site.layer), [3, 11, 18, 26])
        XCTAssertEqual(plan.map(\.head), [0, 1, 2, 3])
        XCTAssertTrue(plan.allSatisfy { $0.positions == .last && !$0.change.isIdentity })
    }

    func testTokensAreInTheVocabularyAndFixed() {
        XCTAssertEqual(work.tokens(50), work.tokens(50))
        XCTAssertNotEqual(work.tokens(50), work.tokens(50, stream: 1))
        XCTAssertTrue(work.tokens(5000).allSatisfy { (0..<1000).contains($0) })
    }
}
