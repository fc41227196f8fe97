import DataFiles
import Foundation
import Monitoring
import Tasks

/// Clean texts from a file: JSON Lines or a JSON array; in any other file each line is a text.
struct CleanTexts {
    var texts: [PlainText]
    var digest: String

    init(contentsOf url: URL) throws {
        let data = try InputFile.contents(url)
        digest = FileDigest.sha256(data)
        let first = data.first { !JSONReader.isSpace($0) }
        if first == UInt8(ascii: "[") || first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") {
            texts = try PlainText.texts(parsing: data, file: url.lastPathComponent)
        } else {
            texts = try NeutralTexts.lines(contentsOf: url).enumerated().map { index, line in
                PlainText(completion: line, group: "line \(index + 1)")
            }
        }
    }
}
