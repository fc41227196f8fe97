import DataFiles
import Foundation

extension Tokenizer {
    public init(huggingFaceFolder folder: URL) throws {
        throw InputError.missingFile(folder.appending(path: "tokenizer.json").path(percentEncoded: false))
    }
}
