import DataFiles
import DataSets
import Directions
import Foundation
import TensorCore
import Tokenization
import Transformer

/// A collection of activations that consists of a single share.
struct SharedTexts {
    private let folder: URL
    private let collection: ActivationCollection

    /// - Parameter folder: a folder with `llama.gguf` and `texts.jsonl`.
    init(in folder: URL) throws {
        self.folder = folder
        let url = folder.appending(path: "llama.gguf")
        let preparation = try TextPreparation(try Tokenizer(contentsOf: url))
        let texts = try DataSet(contentsOf: folder.appending(path: "texts.jsonl")).labelledExamples.prefix(2)
        let reading = try ActivationReading(
            try LanguageModel(contentsOf: url, threads: 1), texts.map { try preparation.prepare($0) })
        collection = try ActivationCollection(reading, fingerprint: "sha256:00", preparation: preparation)
    }

    /// Writes the share's file.
    func write(to url: URL) throws { try collection.write(to: url, workers: WorkerPool(count: 1)) }

    /// Assembles the collection from the share's file.
    func takeOver(_ url: URL) throws {
        let share = ActivationCollection.Share(
            url, texts: Array(collection.reading.texts.indices), collection: collection)
        try collection.write(to: folder.appending(path: "whole.safetensors"), from: [share])
    }
}
