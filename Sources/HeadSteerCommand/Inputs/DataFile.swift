import Crypto
import DataFiles
import DataSets
import Foundation

/// A data set that a command was given, and the digest of its file.
struct DataFile {
    let path: String
    let data: DataSet
    /// The SHA-256 of the file's bytes: `sha256:…`.
    let digest: String

    /// - Throws: `InputError` that names the file, line and field at fault.
    init(_ path: String) throws {
        self.path = path
        let url = URL(filePath: path)
        data = try DataSet(contentsOf: url)
        digest = FileDigest.sha256(try InputFile.contents(url))
    }

    /// Two lists of texts, one for each class.
    init(positive: String, negative: String) throws {
        path = positive
        let (first, second) = (URL(filePath: positive), URL(filePath: negative))
        data = try DataSet(positive: first, negative: second)
        digest = FileDigest.sha256(try InputFile.contents(first) + InputFile.contents(second))
    }

    /// The name without folders, for messages and reports.
    var name: String { URL(filePath: path).lastPathComponent }

    /// The rows as labelled texts.
    ///
    /// - Throws: `InputError` unless both classes occur.
    func labelledExamples() throws -> [LabelledExample] {
        let examples = data.labelledExamples
        try examples.requireBothClasses(file: name)
        return examples
    }
}

/// Digests as this program writes them in files.
enum FileDigest {
    static func sha256(_ data: Data) -> String { "sha256:" + Hexadecimal.text(SHA256.hash(data: data)) }

    /// The digest of a value as JSON.
    static func sha256(json value: some Encodable) throws -> String { sha256(try JSONEncoder.oneLine.encode(value)) }

    /// The digest of sequences of token ids.
    static func sha256(_ tokens: [[Int]]) -> String {
        let text = tokens.map { $0.map(String.init).joined(separator: ",") }.joined(separator: "\n")
        return sha256(Data(text.utf8))
    }
}
