import Checkpoints
import DataFiles
import Foundation
import Sealing

extension CommonOptions {
    /// The environment variable that names the key's file if no option does.
    static let keyVariable = "HEADSTEER_KEY_FILE"

    /// The path of the key's file: from the option, or else from the environment; nil if neither names one.
    var keyPath: String? {
        let variable = ProcessInfo.processInfo.environment[Self.keyVariable] ?? ""
        return keyFile ?? (variable.isEmpty ? nil : variable)
    }

    /// The key of sealed models, from ``keyPath``.
    ///
    /// - Throws: `InputError` if the file is missing or holds no key.
    func sealingKey() throws -> SealingKey? { try keyPath.map { try SealingKey(contentsOf: URL(filePath: $0)) } }

    /// The files of the model at a path; a sealed one is decrypted.
    ///
    /// - Throws: `InputError` if there is no model, or it can't be opened with the key.
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
                "the system doesn't allow \(sealed.byteCount) bytes to be locked in memory, so parts of the decrypted "
                    + "model may get into the swap file; raise the limit (ulimit -l) or turn swap off")
        }
        return files
    }
}
