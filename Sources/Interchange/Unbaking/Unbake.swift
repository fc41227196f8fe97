import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer

/// Restores the original of a baked model, with byte-identical tensors and the same fingerprint.
public enum Unbake {
    /// Writes the original of a baked model.
    ///
    /// The written model is opened and its fingerprint compared with the one taken before baking. Only then is it moved
    /// to its path.
    ///
    /// - Parameters:
    ///   - url: the path of a file for a GGUF model, otherwise of a folder that doesn't exist yet or is empty.
    /// - Returns: the record of the baked edits.
    /// - Throws: `InputError` if nothing is baked into the model, or if the data kept from the original is missing or
    ///   broken.
    /// - Complexity: O(size of the model).
    @discardableResult
    public static func write(_ checkpoint: Checkpoint, to url: URL, workers: WorkerPool) throws -> BakeRecord {
        try checkpoint.refuseIfSealed(remedy: "give the baked model as it was before sealing")
        guard let record = try BakeRecord(checkpoint) else {
            throw InputError.badData(
                "a model without baked edits", in: checkpoint.path, remedy: "give a model that bake wrote")
        }
        switch checkpoint {
        case .gguf(let file):
            try ModelPlace.check(url)
            let temporary = url.deletingLastPathComponent().appending(
                path: ".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).unbaked")
            defer { try? FileManager.default.removeItem(at: temporary) }
            try write(file, record, to: temporary)
            try check(temporary, record, from: checkpoint, workers: workers)
            try ModelPlace.move(temporary, to: url)
        case .huggingFace(let folder):
            try FolderOutput.write(to: url) { output in
                try write(folder, record, to: output)
                try check(output, record, from: checkpoint, workers: workers)
            }
        }
        return record
    }

    /// Checks that a model is the one that the edits were baked into.
    private static func check(
        _ url: URL, _ record: BakeRecord, from checkpoint: Checkpoint, workers: WorkerPool
    ) throws {
        let model: LanguageModel
        do {
            model = try LanguageModel(contentsOf: url, placement: .mapped)
        } catch let error as InputError {
            throw broken("a record whose original can't be opened (\(error.problem))", checkpoint.path)
        }
        let fingerprint = try model.fingerprint(workers: workers)
        guard fingerprint == record.originalFingerprint else {
            throw broken(
                "a record whose original has another fingerprint (\(fingerprint.prefix(19))…) than the recorded one "
                    + "(\(record.originalFingerprint.prefix(19))…)", checkpoint.path)
        }
    }

    static func broken(_ problem: String, _ place: String) -> InputError {
        .badData(problem, in: place, remedy: BakeRecord.remedy)
    }
}
