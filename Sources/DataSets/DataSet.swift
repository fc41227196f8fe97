import DataFiles
import Foundation

/// The rows of a data set file, by kind.
///
/// Files are JSON Lines, a JSON array of objects, or CSV with a header. The format is recognised by the content, not by
/// the file's extension. The kind of the rows follows from the fields of the first row:
///
/// | kind | fields |
/// |---|---|
/// | labelled | `prompt` and `completion`, or `text` (or `statement`) for both; `label`; `group` if wanted |
/// | choice | `question`, `answer_matching_behavior`, `answer_not_matching_behavior` (a string or an array each) |
/// | contrast | `prompt`, `positive`, `negative` (a string or an array each) |
///
/// Other fields are ignored. Every row must have the fields of the first row's kind.
public enum DataSet: Sendable, Equatable {
    /// Texts with a class.
    case labelled([LabelledExample])
    /// Questions with answers that match a behaviour and answers that don't.
    case choice([ChoiceQuestion])
    /// Prompts with continuations of two kinds.
    case contrast([ContrastPrompt])

    /// The number of rows.
    public var count: Int {
        switch self {
        case .labelled(let rows): rows.count
        case .choice(let rows): rows.count
        case .contrast(let rows): rows.count
        }
    }

    /// The rows as labelled texts: those of a labelled set as they are, otherwise one for each answer of a question or
    /// each continuation of a contrast prompt.
    public var labelledExamples: [LabelledExample] {
        switch self {
        case .labelled(let rows): rows
        case .choice(let rows): rows.flatMap(\.labelledExamples)
        case .contrast(let rows): rows.flatMap(\.labelledExamples)
        }
    }
}

extension DataSet {
    /// Reads a data set file.
    ///
    /// The file is mapped and read row by row, so that memory is taken only for the rows. See ``LabelledRows`` to read
    /// one row at a time.
    /// - Throws: `InputError` that names the file, the line and the field.
    public init(contentsOf file: URL) throws {
        if file.isFolder {
            throw InputError.missingFile(
                file.path(percentEncoded: false), remedy: "this is a folder: name a data set file in it")
        }
        let mapped = try MappedFile(contentsOf: file)
        self = try withExtendedLifetime(mapped) {
            try mapped.bytes.withMemoryRebound(to: UInt8.self) {
                try DataSet(parsing: $0, file: file.lastPathComponent)
            }
        }
    }

    /// Reads two files that each list the texts of one class as a JSON array of strings, such as happy texts and sad
    /// ones.
    ///
    /// Each text is its own group.
    /// - Throws: `InputError` that names the file and the line.
    public init(positive: URL, negative: URL) throws {
        var examples: [LabelledExample] = []
        for (url, label) in [(positive, true), (negative, false)] {
            let file = url.lastPathComponent
            let value = try JSONValue(contentsOf: url)
            guard case .array(let elements) = value.content else {
                throw InputError(
                    .unreadable,
                    "no JSON array at the top", in: file, remedy: #"give a list of texts: ["…", "…"]"#)
            }
            for element in elements {
                guard case .string(let text) = element.content, !text.isEmpty else {
                    throw InputError.badData(
                        "an element that isn't a string", in: "\(file): line \(element.line)",
                        remedy: #"give a list of texts: ["…", "…"]"#)
                }
                examples.append(
                    LabelledExample(
                        completion: text, label: label, group: "\(label) \(examples.count)", line: element.line))
            }
        }
        try examples.requireBothClasses(file: positive.lastPathComponent)
        self = .labelled(examples)
    }

    /// Reads the content of a data set file.
    /// - Parameter file: the file's name in error messages.
    public init(parsing data: Data, file: String) throws {
        self = try data.withUnsafeBytes { try DataSet(parsing: $0.bindMemory(to: UInt8.self), file: file) }
    }

    private init(parsing bytes: UnsafeBufferPointer<UInt8>, file: String) throws {
        var decoder = DataSetDecoder(file: file)
        try forEachDataRow(in: bytes, file: file) { try decoder.append($0) }
        self = try decoder.finish()
    }
}
