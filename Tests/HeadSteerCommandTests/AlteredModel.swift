import Checkpoints
import Foundation
import XCTest
import _TestSupport

extension ProgramTestCase {
    /// The planted model with other metadata, as a file in the test's folder.
    ///
    /// - Parameters:
    ///   - values: what replaces the file's own values, or is added.
    ///   - missing: what is left out of the file's own values.
    ///   - tokens: how many tokens the vocabulary keeps; nil for all.
    func altered(
        _ name: String, _ values: [String: GGUFWriterValue] = [:], missing: Set<String> = [], tokens: Int? = nil
    ) throws -> String {
        let file = try GGUFFile(contentsOf: URL(filePath: Self.planted))
        var values = values
        if let tokens {
            func array(_ key: String) throws -> GGUFArray {
                try XCTUnwrap(file.metadata["tokenizer.ggml.\(key)"]?.array, key)
            }
            values["tokenizer.ggml.tokens"] = .stringArray(Array(try array("tokens").strings().prefix(tokens)))
            values["tokenizer.ggml.scores"] = .float32Array(Array(try array("scores").floats().prefix(tokens)))
            values["tokenizer.ggml.token_type"] = .int32Array(
                try array("token_type").integers().prefix(tokens).map { Int32($0) })
        }
        var metadata = try file.storedMetadata().map { (key: $0.key, value: GGUFWriterValue.stored($0.value)) }
        metadata.removeAll { values[$0.key] != nil || missing.contains($0.key) }
        metadata += values.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        let writer = GGUFWriter(
            metadata: metadata, tensors: file.tensors.map { GGUFWriter.Tensor(copying: $0) })
        try writer.write(to: URL(filePath: path(name)))
        return path(name)
    }
}
