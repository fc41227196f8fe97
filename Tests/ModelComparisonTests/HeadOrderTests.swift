import Foundation
import ModelComparison
import Transformer
import XCTest
import _TestSupport

/// Models whose rows were put in another order are said to be that.
final class HeadOrderTests: XCTestCase {
    /// The rows of heads in another order: line i of the new matrix is line `result[i]` of the old one.
    private func lines(_ heads: [Int], size: Int) -> [Int] {
        heads.flatMap { head in (0..<size).map { head * size + $0 } }
    }

    private func inverse(_ order: [Int]) -> [Int] { order.indices.map { order.firstIndex(of: $0) ?? 0 } }

    private func permuted(
        _ source: URL, layer: Int, query: [Int]? = nil, kv: [Int]? = nil, values: [Int]? = nil, only: [String]? = nil,
        size: Int, heads: Int, kvHeads: Int
    ) throws -> URL {
        let url = try makeTemporaryFolder().appending(path: "permuted.gguf")
        func within(_ order: [Int], _ count: Int) -> [Int] {
            guard let values else { return lines(order, size: size) }
            return order.flatMap { head in values.map { head * size + $0 } }
        }
        try AlteredModel.write(source, to: url) { name, tensor in
            guard name.hasPrefix("blk.\(layer).attn_"), name.hasSuffix(".weight"), !name.contains("norm") else {
                return nil
            }
            let part = name.split(separator: ".")[2].dropFirst(5)
            if let only, !only.contains(String(part)) { return nil }
            let (q, k) = (query ?? Array(0..<heads), kv ?? Array(0..<kvHeads))
            switch part {
            case "q": return tensor.rows(inOrder: lines(q, size: size))
            case "k": return tensor.rows(inOrder: lines(k, size: size))
            case "v": return tensor.rows(inOrder: within(k, kvHeads))
            case "output": return tensor.columns(inOrder: within(q, heads))
            default: return nil
            }
        }
        return url
    }

    func testHeadsInAnotherOrder() throws {
        let order = [2, 0, 3, 1]
        let url = try permuted(
            AlteredModel.planted, layer: 2, query: order, kv: order, size: 16, heads: 4, kvHeads: 4)
        let found = try WeightComparison(AlteredModel.pair(AlteredModel.planted, url))
        XCTAssertEqual(found.order.map(\.layer), [2])
        let layer = try XCTUnwrap(found.order.first)
        XCTAssertTrue(layer.keepsFunction)
        XCTAssertEqual(layer.within, [])
        XCTAssertEqual(layer.queryHeads, inverse(order), "where B has each of A's heads")
        for projection in ["query", "key", "value", "output"] {
            XCTAssertEqual(layer.heads[projection], inverse(order), projection)
        }
        XCTAssertEqual(found.changedHeads, [], "they are the same heads")
        XCTAssertEqual(found.heads.filter { $0.head.layer == 2 }.map(\.matched), inverse(order))
        XCTAssertTrue(found.heads.allSatisfy { $0.weightChange < 1e-6 })
        XCTAssertFalse(found.isSame)
        // And so they do the same.
        let pair = try AlteredModel.pair(AlteredModel.planted, url)
        let activations = try ActivationComparison(
            pair, texts: [[1, 358, 491, 369, 745, 594]], matched: [2: layer.queryHeads])
        for head in activations.heads { XCTAssertEqual(head.activationCosine, 1, accuracy: 1e-5, "\(head.head)") }
        let unmatched = try ActivationComparison(pair, texts: [[1, 358, 491, 369, 745, 594]])
        XCTAssertTrue(
            unmatched.heads.contains { $0.head.layer == 2 && $0.activationCosine < 0.9 }, "heads as they are numbered")
    }

    /// Query heads stay with their key-value heads.
    func testGroupedHeadsInAnotherOrder() throws {
        let model = try LanguageModel(contentsOf: AlteredModel.grouped)
        let c = model.configuration
        let group = c.headGroups.size
        XCTAssertGreaterThan(group, 1)
        // The key-value heads the other way round, and the first two query heads of a group.
        let kv = Array((0..<c.kvHeads).reversed())
        let query = kv.flatMap { kv -> [Int] in
            var own = Array(c.headGroups.heads(of: kv))
            own.swapAt(0, 1)
            return own
        }
        let url = try permuted(
            AlteredModel.grouped, layer: 1, query: query, kv: kv, size: c.headSize, heads: c.heads, kvHeads: c.kvHeads)
        let found = try WeightComparison(AlteredModel.pair(AlteredModel.grouped, url))
        let layer = try XCTUnwrap(found.order.first)
        XCTAssertEqual(layer.queryHeads, inverse(query))
        XCTAssertEqual(layer.heads["key"], inverse(kv))
        XCTAssertTrue(layer.keepsFunction)
    }

    /// Rows of one matrix alone: another model.
    func testRowsOfOneMatrix() throws {
        let url = try permuted(
            AlteredModel.planted, layer: 3, query: [1, 0, 2, 3], only: ["q"], size: 16, heads: 4, kvHeads: 4)
        let found = try WeightComparison(AlteredModel.pair(AlteredModel.planted, url))
        let layer = try XCTUnwrap(found.order.first)
        XCTAssertFalse(layer.keepsFunction)
        XCTAssertEqual(layer.heads, ["query": [1, 0, 2, 3]])
    }

    /// Values within heads, where they are written and where they are read.
    func testValuesWithinHeads() throws {
        let values = (0..<16).map { ($0 * 5 + 3) % 16 }
        let url = try permuted(AlteredModel.planted, layer: 4, values: values, size: 16, heads: 4, kvHeads: 4)
        let found = try WeightComparison(AlteredModel.pair(AlteredModel.planted, url))
        let layer = try XCTUnwrap(found.order.first)
        XCTAssertEqual(layer.within, ["output", "value"])
        XCTAssertTrue(layer.keepsFunction)
        XCTAssertEqual(found.changedHeads, [])
        let pair = try AlteredModel.pair(AlteredModel.planted, url)
        let activations = try ActivationComparison(pair, texts: [[1, 358, 491, 369, 745, 594]])
        for head in activations.heads where head.head.layer == 4 {
            XCTAssertLessThan(head.activationCosine, 0.9, "\(head.head)")
            XCTAssertEqual(try XCTUnwrap(head.cka), 1, accuracy: 1e-5, "CKA takes another order for the same")
        }
        let half = try permuted(
            AlteredModel.planted, layer: 4, values: values, only: ["v"], size: 16, heads: 4, kvHeads: 4)
        let broken = try XCTUnwrap(WeightComparison(AlteredModel.pair(AlteredModel.planted, half)).order.first)
        XCTAssertFalse(broken.keepsFunction)
    }

    /// Neurons of an MLP.
    func testRowsOutsideAttention() throws {
        let url = try makeTemporaryFolder().appending(path: "neurons.gguf")
        try AlteredModel.write(AlteredModel.planted, to: url) { name, tensor in
            guard name.hasPrefix("blk.1.ffn_"), name.hasSuffix(".weight") else { return nil }
            let isDown = name.contains("down")
            let order = Array((0..<(isDown ? tensor.columns : tensor.rows)).reversed())
            return isDown ? tensor.columns(inOrder: order) : tensor.rows(inOrder: order)
        }
        let found = try WeightComparison(AlteredModel.pair(AlteredModel.planted, url))
        XCTAssertEqual(
            found.elsewhere.filter(\.isReordered).map(\.name),
            ["layer 1 mlp gate", "layer 1 mlp up", "layer 1 mlp down"])
        XCTAssertTrue(found.elsewhere.allSatisfy { !$0.isChanged })
    }
}
