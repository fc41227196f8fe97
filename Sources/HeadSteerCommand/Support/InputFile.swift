import DataFiles
import Foundation

/// Small files that are read whole.
enum InputFile {
    /// A file's bytes.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` where there is no readable file.
    static func contents(_ url: URL) throws -> Data {
        let path = url.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path) else { throw InputError.missingFile(path) }
        return data
    }

    /// The texts of a JSON array.
    ///
    /// - Throws: `InputError` where there is no file or it holds something else.
    static func texts(_ url: URL) throws -> [String] {
        let path = url.path(percentEncoded: false)
        let data = try contents(url)
        guard let value = try? JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed]) else {
            throw InputError.badData("no valid JSON", in: path, remedy: "give a JSON array of texts")
        }
        guard let array = value as? [Any] else {
            throw InputError.badData("no JSON array at the top", in: path, remedy: "give a JSON array of texts")
        }
        return try array.enumerated().map { index, element in
            guard let text = element as? String else {
                throw InputError.badData(
                    "an element that is no text", in: "\(path): [\(index)]", remedy: "give a JSON array of texts")
            }
            return text
        }
    }
}
