import Checkpoints
import DataFiles
import Foundation
import Tokenization
import Transformer

/// A checkpoint's weights and its tokenizer, opened at the same time: packing mostly waits for memory, and only one
/// thread reads the vocabulary.
package struct WeightsAndTokenizer: Sendable {
    package let model: LanguageModel
    /// The tokenizer, or the reason why there is no usable one.
    package let tokenizer: Result<Tokenizer, any Error>

    /// - Parameters:
    ///   - placement: where the weights are kept; results don't depend on it.
    ///   - threads: how many threads pack the weights. A single thread then reads the tokenizer too; otherwise another
    ///     thread reads it at the same time.
    /// - Throws: `InputError` if the checkpoint is broken, or something in its configuration or weights is not
    ///   understood.
    package init(_ checkpoint: Checkpoint, placement: WeightPlacement, threads: Int) throws {
        guard threads > 1 else {
            model = try LanguageModel(checkpoint, placement: placement, threads: threads)
            tokenizer = Result { try Tokenizer(checkpoint) }
            return
        }
        // Written by one task only, and read after that task has ended.
        nonisolated(unsafe) var read: Result<Tokenizer, any Error>?
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) { read = Result { try Tokenizer(checkpoint) } }
        let model = Result { try LanguageModel(checkpoint, placement: placement, threads: threads) }
        group.wait()
        guard let read else { preconditionFailure("The tokenizer was to be read.") }
        self.model = try model.get()
        tokenizer = read
    }
}
