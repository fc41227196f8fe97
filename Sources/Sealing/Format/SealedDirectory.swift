import DataFiles
import Foundation

/// What is in a sealed model: its directory, at the beginning of the content and sealed like the rest.
///
/// The content is the number of bytes of the directory (8 bytes, little-endian), the directory as JSON, and the files
/// in the directory's order, each starting at the next multiple of 4096, with zeros between.
///
/// ```json
/// {"format": "headsteer.sealed/1", "model": "model.gguf", "files": [{"name": "model.gguf", "offset": 4096, "count": 105454432}]}
/// ```
struct SealedDirectory: Equatable {
    struct Entry: Equatable, Codable {
        let name: String
        /// Where the file begins in the content.
        let offset: Int
        /// The number of bytes in the file.
        let count: Int
    }

    static let format = "headsteer.sealed/1"
    static let alignment = 4096

    /// The name of the file by which the model is opened; nil if it is opened by the folder of all files.
    let model: String?
    let files: [Entry]

    /// A directory of files in the given order.
    init(model: String?, files: [(name: String, count: Int)]) throws {
        // Offsets are part of the directory that they come after, so its length is found by trying.
        self.model = model
        var start = 0
        while true {
            var entries: [Entry] = []
            var end = start
            for file in files {
                let offset = Self.aligned(end)
                entries.append(Entry(name: file.name, offset: offset, count: file.count))
                end = offset + file.count
            }
            let size = 8 + (try Self.text(model: model, files: entries)).count
            if size <= start {
                self.files = entries
                return
            }
            start = Self.aligned(size)
        }
    }

    /// Reads the directory of a content.
    ///
    /// - Throws: `InputError` if it isn't one, which is for content that another program sealed.
    init(_ content: UnsafeRawBufferPointer, path: String) throws {
        guard content.count >= 8 else { throw Self.wrong("no directory", path) }
        let count = UInt64(littleEndian: content.loadUnaligned(as: UInt64.self))
        guard count <= UInt64(content.count - 8) else { throw Self.wrong("a directory longer than the content", path) }
        let object = try JSONObject(
            bytes: UnsafeRawBufferPointer(rebasing: content[8..<8 + Int(count)]), place: "\(path): directory")
        try object.checkFields(["format", "model", "files"])
        let format = try object.required("format", object.string)
        guard format == Self.format else {
            throw InputError.unsupported(
                "the format \(format)", in: object.place, remedy: "this version of the program reads \(Self.format)")
        }
        var end = 8 + Int(count)
        var names: Set<String> = []
        files = try object.required("files", object.objects).map { file in
            try file.checkFields(["name", "offset", "count"])
            let name = try file.required("name", file.string)
            guard !name.isEmpty, !name.contains("/"), !name.contains("\0"), ![".", ".."].contains(name),
                names.insert(name).inserted
            else { throw file.wrong("name", "the name of a file, used once") }
            let offset = try file.required("offset", file.integer)
            guard offset == Self.aligned(end) else { throw file.wrong("offset", "where the file before it ends") }
            let count = try file.required("count", file.integer)
            guard count >= 0, offset <= content.count, count <= content.count - offset else {
                throw file.wrong("count", "a size within the content")
            }
            end = offset + count
            return Entry(name: name, offset: offset, count: count)
        }
        guard end == content.count else { throw Self.wrong("bytes after the last file", path) }
        model = try object.string("model")
        if let model, !names.contains(model) { throw object.wrong("model", "the name of one of the files") }
    }

    /// The bytes before the first file, without the zeros at their end.
    var bytes: Data {
        get throws {
            let text = try Self.text(model: model, files: files)
            return Data(UInt64(text.count).littleEndianBytes) + text
        }
    }

    /// The number of bytes in the whole content.
    var contentSize: Int {
        get throws { try files.last.map { $0.offset + $0.count } ?? bytes.count }
    }

    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

    private static func text(model: String?, files: [Entry]) throws -> Data {
        struct Text: Encodable {
            var format: String
            var model: String?
            var files: [Entry]
        }
        return try JSONEncoder.oneLine.encode(Text(format: format, model: model, files: files))
    }

    private static func wrong(_ problem: String, _ path: String) -> InputError {
        .badData(problem, in: "\(path): directory", remedy: "seal the model again")
    }
}
