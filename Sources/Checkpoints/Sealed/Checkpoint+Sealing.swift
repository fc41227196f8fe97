import DataFiles
import Foundation
import Sealing

extension Checkpoint {
    /// Refuses a sealed model, for operations that would write its weights unsealed.
    ///
    /// - Throws: `InputError` for a sealed model.
    public func refuseIfSealed(remedy: String) throws {
        guard sealedModel != nil else { return }
        throw InputError.badData("a sealed model, whose weights would be written unsealed", in: path, remedy: remedy)
    }

    /// The files to seal for this model: the GGUF file or files; for a folder, the weights and the JSON files and chat
    /// templates (`*.json`, `*.jinja`).
    ///
    /// - Throws: `InputError` if the model is sealed already or a file can't be read.
    public func sealing() throws -> ModelSealing {
        guard sealedModel == nil else {
            throw InputError.badData("a model that is sealed already", in: path, remedy: "seal the original")
        }
        switch self {
        case .gguf(let file):
            return try ModelSealing(file.files, model: file.files.first?.url.lastPathComponent)
        case .huggingFace(let model):
            let names = try model.folder.names.filter { name in
                !name.hasPrefix(".") && (name.hasSuffix(".json") || name.hasSuffix(".jinja"))
            }
            return try ModelSealing(names.map { try model.folder.file($0) } + model.files.map(\.file), model: nil)
        }
    }
}
