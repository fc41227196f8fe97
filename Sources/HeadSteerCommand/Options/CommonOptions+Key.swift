import Checkpoints
import DataFiles
import Foundation
import Sealing

extension CommonOptions {
    /// The variable that names the file of the key where no option does.
    static let keyVariable = "HEADSTEER_KEY_FILE"

    /// The path of the key's file: what the option names, else what the environment does; nil for neither.
    var keyPath: String? {
        let variable = ProcessInfo.processInfo.environment[Self.keyVariable] ?? ""
        return keyFile ?? (variable.isEmpty ? nil : variable)
    }

    /// The key of sealed models, from ``keyPath``.
    ///
    /// - Throws: `InputError` where the file is not there or holds no key.
    func sealingKey() throws -> SealingKey? { try keyPath.map { try SealingKey(contentsOf: URL(filePath: $0)) } }

    /// The files of the model at a path; a sealed one is decrypted.
    ///
    /// - Throws: `InputError` where there is no model, or it can't be opened with the key.
    func modelFiles(_ path: String) throws -> ModelFiles {
        let files = try ModelFiles(contentsOf: URL(filePath: path), threads: makeWorkers().count, key: sealingKey)
        guard let sealed = files.sealedModel else {
            guard keyFile == nil else {
                throw InputError.badData(
                    "no sealed model, which --key-file is for", in: path,
                    remedy: "leave out --key-file; \(Self.keyVariable) can stay, it is read for sealed models alone")
            }
            return files
        }
        if !sealed.isLocked {
            Console().warning(
                "the system doesn't let \(sealed.byteCount) bytes be locked in memory, so parts of the decrypted model may get "
                    + "into the swap file; raise the limit (ulimit -l) or turn swap off")
        }
        return files
    }
}
