import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// One of the tiny random models, with a context of another length where one is given.
func tinyModel(_ name: String, context: Int? = nil, in folder: URL? = nil) throws -> LanguageModel {
    let original = FixtureLocation.fixtures.appending(path: "tiny-llamas/\(name)")
    guard let context, let folder else { return try LanguageModel(contentsOf: original) }
    let copy = folder.appending(path: name)
    try FileManager.default.copyItem(at: original, to: copy)
    let url = copy.appending(path: "config.json")
    let text = try String(contentsOf: url, encoding: .utf8)
    let changed = text.replacing(
        "\"max_position_embeddings\": 256", with: "\"max_position_embeddings\": \(context)")
    XCTAssertNotEqual(text, changed, "the configuration spells its context otherwise")
    try Data(changed.utf8).write(to: url)
    return try LanguageModel(contentsOf: copy)
}

/// Greedy tokens by one forward pass over the whole sequence for each.
func greedyFromScratch(_ model: LanguageModel, _ prompt: [Int], edits: [Edit] = [], count: Int) throws -> [Int] {
    let workers = WorkerPool(count: 1)
    var ids: [Int] = []
    for _ in 0..<count {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        let logits = try run.advance([Step(tokens: prompt + ids, edits: edits)])[0].logits
        let last = Array(logits.row(logits.rows - 1))
        ids.append(last.indices.reduce(0) { last[$1] > last[$0] ? $1 : $0 })
    }
    return ids
}
