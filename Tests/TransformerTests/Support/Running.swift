import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

extension LanguageModel {
    /// The real model, in release builds where it has been fetched; others skip.
    static func fetchedSmolLM2() throws -> LanguageModel {
        try LanguageModel(contentsOf: FixtureLocation.fetched(.smolLM2, onlyInRelease: true))
    }

    /// The results of one pass over a prompt of its own.
    func pass(
        _ tokens: [Int], edits: [Edit] = [], reads: [Read] = [], promptCount: Int? = nil, workers: WorkerPool
    ) throws -> StepResult {
        let run = Run(self, workers: workers)
        run.sequences = [makeSequence(promptCount: promptCount ?? tokens.count)]
        return try run.advance([Step(tokens: tokens, edits: edits, reads: reads, logits: .all)])[0]
    }
}

extension ModelConfiguration {
    /// The first block's rotary embedding.
    var rotary: RotaryDescription? { blocks.first?.attention.rotary }
}

extension Matrix {
    /// Part of a row.
    func values(row: Int, _ range: Range<Int>) -> [Float] { Array(self.row(row))[range].map { $0 } }
}

/// The index of the largest value.
func argmax(_ values: some RandomAccessCollection<Float>) -> Int {
    values.enumerated().reduce((-1, -Float.infinity)) { $1.element > $0.1 ? ($1.offset, $1.element) : $0 }.0
}

/// Seeded values of the normal distribution.
func gaussians(_ count: Int, seed: UInt64, scale: Double = 1) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float(random.gaussian() * scale) }
}

/// A seeded vector of the length 1.
func unitVector(_ count: Int, seed: UInt64) -> [Float] {
    let values = gaussians(count, seed: seed).map(Double.init)
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return values.map { Float($0 / norm) }
}

/// A copy of a tiny model's folder with some fields of its configuration replaced; nil removes a field.
func copyOfTinyModel(_ name: String, into folder: URL, changing fields: [String: Any?] = [:]) throws -> URL {
    let copy = folder.appending(path: "\(name)-\(UUID().uuidString.prefix(6))")
    try FileManager.default.copyItem(
        at: FixtureLocation.fixtures.appending(path: "tiny-llamas/\(name)"), to: copy)
    let url = copy.appending(path: "config.json")
    var json = try XCTUnwrap(
        JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    for (key, value) in fields {
        if let value { json[key] = value } else { json.removeValue(forKey: key) }
    }
    try JSONSerialization.data(withJSONObject: json).write(to: url)
    if let layers = fields["num_hidden_layers"] as? Int, (1..<64).contains(layers) {
        try removeTensors(of: copy, fromLayer: layers)
    }
    return copy
}

/// A model of fewer layers has no tensors of the others: they would be refused.
private func removeTensors(of folder: URL, fromLayer layers: Int) throws {
    let url = folder.appending(path: "model.safetensors")
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let file = try SafetensorsFile(contentsOf: url)
    var writer = SafetensorsWriter(metadata: ["format": "pt"])
    for entry in file.entries where !(layers..<64).contains(where: { entry.name.contains("layers.\($0).") }) {
        writer.add(copying: entry, of: file)
    }
    try FileManager.default.removeItem(at: url)
    try writer.write(to: url)
}
