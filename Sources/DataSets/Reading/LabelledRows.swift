import DataFiles
import Foundation

/// The labelled texts of a data set file, read one row at a time: the file is mapped, and only the row being read is in
/// memory.
///
/// ```swift
/// try LabelledRows(contentsOf: url).forEach { example in … }
/// ```
///
/// It takes the files that ``DataSet`` takes, with the same errors, each thrown when its row is reached.
public struct LabelledRows: Sendable {
    private let file: MappedFile

    /// Maps a file; nothing is read yet.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`.
    public init(contentsOf url: URL) throws { file = try MappedFile(contentsOf: url) }

    /// Calls `body` with each row's texts in order: one for a labelled row, one for each answer of a question or each
    /// continuation of a contrast prompt.
    ///
    /// - Throws: `InputError` that names the file, line and field; what `body` throws.
    /// - Complexity: O(bytes); memory for one row.
    public func forEach(_ body: (LabelledExample) throws -> Void) throws {
        let name = file.url.lastPathComponent
        try file.bytes.withMemoryRebound(to: UInt8.self) { bytes in
            var decoder = DataSetDecoder(file: name)
            var number = 0
            try forEachDataRow(in: bytes, file: name) { row in
                try decoder.append(row)
                for var example in decoder.takeExamples() {
                    number += 1
                    if example.group.isEmpty { example.group = "\(name), row \(number)" }
                    try body(example)
                }
            }
        }
    }
}
