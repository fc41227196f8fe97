import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Read activations", compiled and run as it stands there.
final class ReadActivationsArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let model = try TextModel(contentsOf: Planted.model)
        let dataURL = Planted.texts
        let file = try makeTemporaryFolder().appending(path: "activations.safetensors")
        // Article begins
        let z = try model.z(of: ["My day at work was wonderful", "My day at work was dreadful"])
        let head = z[Head(layer: 2, index: 1)]
        print("\(head.examples) texts, \(head.features) values each: \(head.values)")
        // Article pauses
        // Article goes on
        let tokens = try model.tokens(of: "My day at work was")
        let run = Run(model.model, workers: model.workers)
        run.sequences = [model.model.makeSequence(promptCount: tokens.count)]
        let result = try run.advance([
            Step(tokens: tokens, reads: [Read(.z(2)), Read(.residualPost(4), at: .all), Read(.pattern(2))])
        ])[0]
        if let stream = result[.residualPost(4)] {
            print("positions \(stream.positions), \(stream.values.columns) values each")
        }
        // Article pauses
        // Article goes on
        let next = try run.advance([Step(tokens: [tokens[1]], reads: [Read(.z(2))])])[0]
        print("\(run.sequences[0].count) tokens; read at \(next.reads[0].positions)")
        // Article pauses
        // Article goes on
        let preparation = try TextPreparation(model.tokenizer)
        let texts = try DataSet(contentsOf: dataURL).labelledExamples.map { try preparation.prepare($0) }
        print(try texts[0].marked(model.tokenizer))
        let reading = try ActivationReading(model.model, texts, site: .attentionOut)
        let fingerprint = try model.model.fingerprint(workers: model.workers)
        try ActivationCollection(reading, fingerprint: fingerprint, preparation: preparation)
            .write(to: file, workers: model.workers)
        let activations = try LabelledActivations(contentsOf: file)
        print("\(activations.table.examples) rows of \(activations.table.layers) layers")
        // Article ends
        XCTAssertTrue(shown[0].hasPrefix("2 texts, 16 values each: ["), shown[0])
        XCTAssertNotEqual(Array(head.values.prefix(16)), Array(head.values.suffix(16)))
        let c = model.configuration
        XCTAssertEqual(shown[1], "positions \(Array(tokens.indices)), \(c.width) values each")
        XCTAssertEqual(result.reads.count, 3)
        // The attention pattern of the last position: one share for each head and each token, adding up to 1.
        XCTAssertEqual(result[.pattern(2)]?.values.columns, c.heads * tokens.count)
        XCTAssertEqual(result[.pattern(2)]?.values.row(0).reduce(0, +) ?? 0, Float(c.heads), accuracy: 1e-4)
        XCTAssertEqual(shown[2], "\(tokens.count + 1) tokens; read at [\(tokens.count)]")
        XCTAssertTrue(shown[3].contains("⟦.⟧"), shown[3])
        XCTAssertEqual(shown[4], "\(texts.count) rows of 6 layers")
        XCTAssertEqual(activations.table.headSize, c.width)
    }

    func testTheArticleShowsIt() throws { try assertArticle("ReadActivations") }
}
