import DataFiles
import Foundation

/// Small files that are read as a whole.
enum InputFile {
    /// A file's bytes.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if there is no readable file.
    static func contents(_ url: URL) throws -> Data {
        try MappedFile.contents(of: url)
    }

    /// The texts of a JSON array.
    ///
    /// - Throws: `InputError` if there is no file or it holds something else.
    static func texts(_ url: URL) throws -> [String] {
        let path = url.path(percentEncoded: false)
        guard case .array(let elements) = try JSONValue(contentsOf: url).content else {
            throw InputError(.unreadable, "no JSON array at the top", in: path, remedy: "give a JSON array of texts")
        }
        return try elements.enumerated().map { index, element in
            guard case .string(let text) = element.content else {
                throw InputError.badData(
                    "an element that isn't a string", in: "\(path): line \(element.line), [\(index)]",
                    remedy: "give a JSON array of texts")
            }
            return text
        }
    }
}
