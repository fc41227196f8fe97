import DataFiles
import Foundation
import HeadSteerTesting
import ModelComparison
import Statistics
import Tasks
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Norms, cosines, CKA and divergences against NumPy in double precision.
final class ReferenceTests: XCTestCase {
    private let reference = FixtureLocation.fixtures.appending(path: "comparison/reference.json")

    /// A copy of the planted model with one matrix w (1 + a sin(1 + i)).
    private func altered(_ tensor: String, amplitude: Double) throws -> URL {
        let url = try makeTemporaryFolder().appending(path: "answering.gguf")
        try AlteredModel.write(AlteredModel.planted, to: url) { name, values in
            guard name == tensor else { return nil }
            var values = values
            for index in values.elements.indices {
                let factor = 1 + amplitude * sin(Double(1 + index % values.columns))
                values.elements[index] = Float(Double(values.elements[index]) * factor)
            }
            return values
        }
        return url
    }

    /// The altered copy that the reference is of.
    private func altered(_ facts: JSONObject) throws -> URL {
        let url = try makeTemporaryFolder().appending(path: "altered.gguf")
        let tensors = try XCTUnwrap(facts.object("altered"))
        let heads = try Dictionary(
            uniqueKeysWithValues: tensors.keys.map { ($0, try XCTUnwrap(tensors.integers($0))) })
        try AlteredModel.write(AlteredModel.planted, to: url) { name, values in
            guard let own = heads[name] else { return nil }
            var values = values
            for row in 0..<values.rows {
                for column in 0..<values.columns {
                    let line = name.contains("output") ? column : row
                    guard own.isEmpty || own.contains(line / 16) else { continue }
                    values[row, column] = Float(Double(values[row, column]) * (1 + 0.2 * sin(Double(1 + column))))
                }
            }
            return values
        }
        return url
    }

    func testHeadsAndDistributions() throws {
        let facts = try JSONObject(contentsOf: reference)
        let pair = try AlteredModel.pair(AlteredModel.planted, altered(facts))
        let planted = try PlantedModel()
        let texts = planted.contrasts.items.map(\.prompt)
        let weights = try WeightComparison(pair)
        let activations = try ActivationComparison(pair, texts: texts)
        let expected = try XCTUnwrap(facts.objects("heads"))
        XCTAssertEqual(expected.count, weights.heads.count)
        func close(_ value: Double, _ key: String, _ row: JSONObject, _ tolerance: Double, _ head: Head) throws {
            let wanted = try XCTUnwrap(row.double(key), key)
            XCTAssertEqual(value, wanted, accuracy: tolerance * max(1, abs(wanted)), "\(key) of \(head)")
        }
        for (row, (weight, activation)) in zip(expected, zip(weights.heads, activations.heads)) {
            let head = weight.head
            XCTAssertEqual(try row.integer("layer"), head.layer)
            XCTAssertEqual(try row.integer("head"), head.index)
            try close(weight.query, "query", row, 1e-6, head)
            try close(weight.key, "key", row, 1e-6, head)
            try close(weight.value, "value", row, 1e-6, head)
            try close(weight.output, "output", row, 1e-6, head)
            try close(weight.weightChange, "weightChange", row, 1e-6, head)
            try close(activation.activationCosine, "activationCosine", row, 1e-5, head)
            try close(XCTUnwrap(activation.cka), "cka", row, 1e-4, head)
            try close(activation.normRatio, "normRatio", row, 1e-5, head)
        }
        XCTAssertEqual(
            weights.changedHeads,
            [(1, 2), (2, 0), (2, 1), (3, 3), (4, 1)].map { Head(layer: $0, index: $1) })
        let down = try XCTUnwrap(weights.elsewhere.first { $0.name == "layer 1 mlp down" })
        XCTAssertEqual(down.change, try XCTUnwrap(facts.double("down")), accuracy: 1e-6)
        XCTAssertEqual(weights.elsewhere.filter(\.isChanged).map(\.name), ["layer 1 mlp down"])

        let found = try TokenDivergence(pair, texts: texts)
        XCTAssertEqual(found.tokens, try facts.integer("positions"))
        for (key, value) in [
            ("kl", found.kl.mean), ("reverseKL", found.reverseKL.mean), ("klOfWorst", found.klOfWorst),
            ("sameTopToken", found.sameTopToken.mean), ("crossEntropyA", found.crossEntropyA.mean),
            ("crossEntropyB", found.crossEntropyB.mean),
        ] {
            let expected = try XCTUnwrap(facts.double(key))
            XCTAssertEqual(value, expected, accuracy: 2e-3 * expected, key)
        }
        XCTAssertLessThanOrEqual(found.kl.ciLow ?? .nan, found.kl.mean)
        XCTAssertGreaterThanOrEqual(found.kl.ciHigh ?? .nan, found.kl.mean)
        let same = try TokenDivergence(AlteredModel.pair(AlteredModel.planted, AlteredModel.planted), texts: texts)
        XCTAssertEqual([same.kl.mean, same.reverseKL.mean, same.crossEntropyChange.mean], [0, 0, 0])
    }

    /// Logit differences from NumPy, tests of their change from SciPy.
    func testAnswers() throws {
        let planted = try PlantedModel()
        let items = JudgedItems.contrast(planted.contrasts.items)
        for row in try XCTUnwrap(JSONObject(contentsOf: reference).objects("answers")) {
            let tensor = try XCTUnwrap(row.string("tensor"))
            let url = try altered(tensor, amplitude: XCTUnwrap(row.double("amplitude")))
            let pair = try AlteredModel.pair(AlteredModel.planted, url)
            let scorers = try pair.both { _, model, workers in
                try ItemScorer(items, model: model, workers: workers).values([]).differences
            }
            for (key, values) in [("differencesA", scorers.a), ("differencesB", scorers.b)] {
                let expected = try XCTUnwrap(row.doubles(key))
                XCTAssertEqual(values.count, expected.count)
                for (value, wanted) in zip(values, expected) {
                    XCTAssertEqual(value, wanted, accuracy: 1e-4, "\(key) of \(tensor)")
                }
            }
            let found = try AnswerComparison(pair, items: items)
            for (key, value) in [
                ("agreement", found.agreement.share), ("accuracyA", found.accuracyA.share),
                ("accuracyB", found.accuracyB.share), ("signFlip", found.change.signFlip.p),
                ("wilcoxon", found.change.wilcoxon.p), ("sign", found.change.sign.p),
                ("mcNemar", try XCTUnwrap(found.mcNemar).p),
            ] {
                XCTAssertEqual(value, try XCTUnwrap(row.double(key)), accuracy: 1e-9, "\(key) of \(tensor)")
            }
            XCTAssertEqual(found.change.change.mean, try XCTUnwrap(row.double("change")), accuracy: 1e-4, tensor)
        }
    }

    func testLinearCKA() throws {
        for row in try XCTUnwrap(JSONObject(contentsOf: reference).objects("cka")) {
            let columns = try XCTUnwrap(row.integer("columns"))
            let (x, y) = (try XCTUnwrap(row.doubles("x")), try XCTUnwrap(row.doubles("y")))
            let value = try XCTUnwrap(LinearCKA.value(x, y, columns: columns))
            XCTAssertEqual(value, try XCTUnwrap(row.double("cka")), accuracy: 1e-12)
            XCTAssertEqual(try XCTUnwrap(LinearCKA.value(y, x, columns: columns)), value, accuracy: 1e-12)
            XCTAssertEqual(
                try XCTUnwrap(LinearCKA.value(x, x.map { 3 * $0 - 1 }, columns: columns)), 1, accuracy: 1e-12)
        }
        XCTAssertNil(LinearCKA.value([1, 2, 1, 2], [0, 1, 1, 0], columns: 2), "what doesn't vary has no alignment")
    }

    /// Long texts go through in parts: where they are cut changes nothing.
    func testLongTexts() throws {
        let pair = try AlteredModel.pair(AlteredModel.planted, altered(JSONObject(contentsOf: reference)))
        let text = (0..<200).map { ($0 * 7919 + 1) % 1026 }
        let found = try TokenDivergence(pair, texts: [text])
        XCTAssertEqual(found.tokens, 199)
        let logits = try pair.both { _, model, workers in
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: 1)]
            return try run.advance([Step(tokens: text.dropLast(), logits: .all)])[0].logits
        }
        var sum = 0.0
        for position in 0..<199 {
            let (a, b) = (logits.a.row(position).map(Double.init), logits.b.row(position).map(Double.init))
            func logs(_ row: [Double]) -> [Double] {
                let total = log(row.reduce(0) { $0 + exp($1) })
                return row.map { $0 - total }
            }
            sum += zip(logs(a), logs(b)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        }
        XCTAssertEqual(found.kl.mean, sum / 199, accuracy: 1e-3 * found.kl.mean + 1e-12)
    }
}
