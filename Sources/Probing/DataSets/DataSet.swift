import DataFiles
import Foundation

/// The rows of a data set file, by kind.
///
/// Files are JSON Lines, a JSON array of objects, or CSV with a header; which of them is told by the content, not by
/// the file's extension. The kind of the rows is told by the fields of the first one:
///
/// | kind | fields |
/// |---|---|
/// | labelled | `prompt` and `completion`, or `text` (CSV: also `statement`) for both; `label`; `group` if wanted |
/// | choice | `question`, `answer_matching_behavior`, `answer_not_matching_behavior` (a string or an array each) |
/// | contrast | `prompt`, `positive`, `negative` (a string or an array each) |
///
/// Other fields are ignored. Every row must have the fields of the first row's kind.
public enum DataSet: Sendable, Equatable {
    case labelled([LabelledExample])
    case choice([ChoiceQuestion])
    case contrast([ContrastPrompt])

    /// The number of rows.
    public var count: Int {
        switch self {
        case .labelled(let rows): rows.count
        case .choice(let rows): rows.count
        case .contrast(let rows): rows.count
        }
    }

    /// The rows as labelled texts: those of a labelled set as they are, one for each answer of a question, one for each
    /// continuation of a contrast prompt.
    public var labelledExamples: [LabelledExample] {
        switch self {
        case .labelled(let rows): rows
        case .choice(let rows): rows.flatMap(\.labelledExamples)
        case .contrast(let rows): rows.flatMap(\.labelledExamples)
        }
    }
}

extension DataSet {
    /// The largest file that is read, in bytes.
    static let sizeLimit = 2 << 30

    /// Reads a data set file. Memory: the file's bytes while it is read, and the rows.
    /// - Throws: `InputError` that names the file, the line and the field.
    public init(contentsOf file: URL) throws {
        let path = file.path(percentEncoded: false)
        var isFolder = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw InputError.missingFile(path)
        }
        if isFolder.boolValue {
            throw InputError.missingFile(path, remedy: "this is a folder: name a data set file in it")
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        if let size, size > Self.sizeLimit {
            throw InputError.badData(
                "\(size) bytes are more than a data set may have (\(Self.sizeLimit))", in: file.lastPathComponent,
                remedy: "split the file")
        }
        guard let data = try? Data(contentsOf: file) else {
            throw InputError.missingFile(path, remedy: "check that the file may be read")
        }
        try self.init(parsing: data, file: file.lastPathComponent)
    }

    /// Reads the content of a data set file.
    /// - Parameter file: what errors call the file.
    public init(parsing data: Data, file: String) throws {
        var decoder = DataSetDecoder(file: file)
        try data.withUnsafeBytes { bytes in
            try forEachDataRow(in: bytes.bindMemory(to: UInt8.self), file: file) { try decoder.append($0) }
        }
        self = try decoder.finish()
    }
}
