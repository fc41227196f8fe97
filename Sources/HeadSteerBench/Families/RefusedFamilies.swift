import Foundation
import HeadSteer

/// Small models that the runtime rejects on purpose.
///
/// For these, transformers computes something that a ``ModelConfiguration`` doesn't describe.
enum RefusedFamilies {
    /// The name of the folder or file, and the field or tensor that the error must name.
    static let fields: [String: String] = [
        // Layers without experts have an MLP of another width. No published model of the family has such layers.
        "qwen3_moe-mixed": "mlp_only_layers"
    ]

    /// Opens a small model.
    ///
    /// - Returns: nil if the model is rejected on purpose, with the expected error.
    /// - Throws: `InputError` if a model is rejected unexpectedly or with another error, or opens although it
    ///   shouldn't.
    static func open(_ checkpoint: URL) throws -> LanguageModel? {
        guard let field = fields[checkpoint.lastPathComponent] else { return try LanguageModel(contentsOf: checkpoint) }
        do { _ = try LanguageModel(contentsOf: checkpoint) } catch let error as InputError {
            if error.kind == .unsupported, error.place.hasSuffix(": \(field)") { return nil }
            throw error
        }
        throw InputError(
            .badData, "a model that opens, though \(field) should be refused",
            in: checkpoint.path(percentEncoded: false), remedy: "take it off the list of refused models")
    }
}
