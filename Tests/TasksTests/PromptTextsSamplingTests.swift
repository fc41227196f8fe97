import Foundation
import Generation
import HeadSteerTesting
import Tasks
import Transformer
import XCTest
import _TestSupport

/// Several sampled texts of a prompt: different ones, and the same whatever is generated beside them.
final class PromptTextsSamplingTests: XCTestCase {
    private func texts(_ planted: PlantedModel, prompts: Int, seed: UInt64 = 1) throws -> PromptTexts {
        let texts = try PromptTexts(
            planted.model, prompts: planted.contrasts.items.prefix(prompts).map(\.prompt), maxTokens: 6, endTokens: [],
            workers: planted.workers)
        texts.sampling = Sampling(temperature: 1, topP: 0.95, seed: seed)
        return texts
    }

    func testTextsDontDependOnWhatIsBesideThem() throws {
        let planted = try PlantedModel()
        let direction = try XCTUnwrap(planted.directions().first { $0.head == Head(layer: 2, index: 1) })
        let variants: [[Edit]] = [[], [direction.edit(sigmas: 6)], [direction.edit(sigmas: -6)]]
        let two = try texts(planted, prompts: 2)
        // 3 variants × (12 + 13) texts are more than one batch holds.
        let together = try two.samples(variants, counts: [12, 13])
        XCTAssertEqual(together.map { $0.map(\.count) }, [[12, 13], [12, 13], [12, 13]])
        for (index, variant) in variants.enumerated() {
            XCTAssertEqual(try two.samples([variant], counts: [12, 13])[0], together[index], "variant \(index) alone")
        }
        let fewer = try two.samples(variants, counts: [3, 2])
        XCTAssertEqual(fewer[2][1], Array(together[2][1].prefix(2)), "fewer of them are the first of them")
        XCTAssertEqual(try two.samples(variants, counts: [0, 2])[2], [[], fewer[2][1]])
        XCTAssertGreaterThan(Set(together[0][0]).count, 2, "samples of one prompt differ: \(together[0][0])")
        XCTAssertNotEqual(together[1], together[2], "edits change the texts")
        XCTAssertEqual(try two.samples([[], []], counts: [4, 4])[0], try two.samples([[], []], counts: [4, 4])[1])
        XCTAssertNotEqual(
            try texts(planted, prompts: 2, seed: 2).samples([[]], counts: [12, 13])[0], together[0],
            "another seed, other texts")
        XCTAssertEqual(try two.texts([[]])[0], together[0].map { $0[0] }, "one text is the first sample")
    }
}
