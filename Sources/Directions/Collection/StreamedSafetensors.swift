import DataFiles
import Foundation

/// A safetensors file of float32 tensors whose sizes are known beforehand.
///
/// It is filled in any order, a part at a time, and a run that was killed is taken up again. The values are written to
/// a hidden file beside the output (`.NAME.partial`), and a journal (`.NAME.journal`) says which parts are there, where
/// in the file, and with which checksum. When all parts are there, the file is renamed to its place and the journal is
/// removed. A second run with the same header goes on where the first one stopped, with the parts whose values match
/// the journal (a machine that lost its power may have kept only the journal). With another header it begins from the
/// start.
public final class StreamedSafetensors {
    /// A tensor that the file will hold.
    public struct Tensor: Sendable, Equatable {
        /// The tensor's name in the file.
        public var name: String
        /// The sizes of the axes, slowest first.
        public var shape: [Int]

        /// A tensor of float32 values, row-major.
        public init(_ name: String, shape: [Int]) {
            self.name = name
            self.shape = shape
        }

        var count: Int { shape.reduce(1, *) }
    }

    /// The parts that an earlier run finished.
    public private(set) var finished: Set<Int> = []
    private let url: URL
    private let file: FileHandle
    private let journal: FileHandle
    /// The offset of each tensor's first byte.
    private let offsets: [String: Int]
    private let sizes: [String: Int]
    /// What was written since the last part was finished: the first byte and the number of bytes.
    private var written: [(offset: Int, count: Int)] = []
    private var checksum = FNV1a()

    private var partialURL: URL { Self.companion(url, "partial") }
    private var journalURL: URL { Self.companion(url, "journal") }

    private static func companion(_ url: URL, _ suffix: String) -> URL {
        url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).\(suffix)")
    }

    /// Opens the file for writing, or the file of an earlier run.
    ///
    /// - Parameter metadata: strings to store under `__metadata__`. Together with the shapes they decide whether an
    ///   earlier run's values are the same as this one's, so name in them what the values depend on.
    /// - Throws: `InputError` if the folder can't be written to, the disk is full, or another process is writing the
    ///   same file.
    public init(_ url: URL, tensors: [Tensor], metadata: [String: String]) throws {
        guard !AtomicOutput.isSpecial(url) else {
            throw InputError(
                .notWritable, "a device or a pipe, where rows can't be written in any order",
                in: url.path(percentEncoded: false), remedy: "give the path of a file")
        }
        self.url = url
        let (header, offsets) = try Self.header(tensors, metadata)
        self.offsets = offsets
        sizes = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.count) })
        let total = header.count + 4 * tensors.reduce(0) { $0 + $1.count }
        file = try Self.open(Self.companion(url, "partial"), of: url)
        guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw InputError(
                .notWritable, "another process is writing the same file", in: url.path(percentEncoded: false),
                remedy: "wait for it or choose another output path")
        }
        journal = try Self.open(Self.companion(url, "journal"), of: url)
        do {
            try begin(header, total: total)
        } catch {
            if finished.isEmpty { discard() }
            throw error
        }
    }

    /// Continues with what is there, or writes the header.
    private func begin(_ header: Data, total: Int) throws {
        try writing {
            try file.seek(toOffset: 0)
            let isSame = try file.read(upToCount: header.count) == header && file.seekToEnd() == UInt64(total)
            let lines = isSame ? try journal.readToEnd() ?? Data() : Data()
            // A line without its end was being written when the run was killed.
            let complete = lines.lastIndex(of: 0x0A).map { lines[...$0] } ?? Data()
            for line in String(decoding: complete, as: UTF8.self).split(separator: "\n") {
                if let part = try checkedPart(line, header: header.count, total: total) { finished.insert(part) }
            }
            try journal.truncate(atOffset: UInt64(complete.count))
            try journal.seekToEnd()
            guard !isSame else { return }
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: header)
            try file.truncate(atOffset: UInt64(total))
        }
    }

    /// Writes values of a tensor.
    ///
    /// - Parameter start: the first value's index in the tensor, row-major.
    /// - Throws: `InputError` if the disk is full.
    /// - Precondition: the values lie within the tensor.
    public func write(_ values: [Float], to name: String, at start: Int) throws {
        guard let offset = offsets[name], let size = sizes[name] else {
            preconditionFailure("The file has no tensor named \(name).")
        }
        precondition(start >= 0 && start + values.count <= size, "The tensor \(name) ends before these values.")
        try writing {
            try file.seek(toOffset: UInt64(offset + 4 * start))
            try values.withUnsafeBytes { bytes in
                checksum.append(bytes)
                try file.write(contentsOf: Data(bytes))
            }
        }
        written.append((offset + 4 * start, 4 * values.count))
    }

    /// Reads the values of a tensor.
    ///
    /// - Precondition: the file has the tensor.
    public func read(_ name: String) throws -> [Float] {
        guard let offset = offsets[name], let size = sizes[name] else {
            preconditionFailure("The file has no tensor named \(name).")
        }
        var values: [Float] = []
        try writing {
            try file.seek(toOffset: UInt64(offset))
            let data = try file.read(upToCount: 4 * size) ?? Data()
            values = data.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map {
                    Float(
                        bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
        }
        return values
    }

    /// Notes in the journal that all values of a part are written: from now on a kill doesn't lose them.
    public func finish(part: Int) throws {
        let ranges = written.map { " \($0.offset):\($0.count)" }.joined()
        let line = "\(part) \(checksum.text)\(ranges)\n"
        (written, checksum) = ([], FNV1a())
        try writing { try journal.write(contentsOf: Data(line.utf8)) }
        finished.insert(part)
    }

    /// The part that a line of the journal names, if its values are unchanged.
    private func checkedPart(_ line: Substring, header: Int, total: Int) throws -> Int? {
        let fields = line.split(separator: " ")
        guard fields.count >= 2, let part = Int(fields[0]) else { return nil }
        var sum = FNV1a()
        for field in fields.dropFirst(2) {
            let numbers = field.split(separator: ":").compactMap { Int($0) }
            guard numbers.count == 2, numbers[0] >= header, numbers[1] >= 0, numbers[0] <= total,
                numbers[1] <= total - numbers[0]
            else { return nil }
            try file.seek(toOffset: UInt64(numbers[0]))
            sum.append(try file.read(upToCount: numbers[1]) ?? Data())
        }
        return sum.text == fields[1] ? part : nil
    }

    /// Closes the file as it is, so that a later run can continue it.
    public func suspend() throws {
        try writing {
            try file.close()
            try journal.close()
        }
    }

    /// Removes what was written, for work that would fail again.
    public func discard() {
        try? file.close()
        try? journal.close()
        try? FileManager.default.removeItem(at: partialURL)
        try? FileManager.default.removeItem(at: journalURL)
    }

    /// Renames the file to its final path.
    ///
    /// As with other outputs, it doesn't wait until the file is on the disk.
    public func complete() throws {
        try suspend()
        try AtomicOutput.move(partialURL, to: url)
        try? FileManager.default.removeItem(at: journalURL)
    }

    private func writing(_ body: () throws -> Void) throws {
        try AtomicOutput.reportingFailures(of: url, body)
    }

    private static func open(_ url: URL, of output: URL) throws -> FileHandle {
        try AtomicOutput.reportingFailures(of: output) {
            try AtomicOutput.openFile(url, O_RDWR | O_CREAT)
        }
    }

    private static func header(
        _ tensors: [Tensor], _ metadata: [String: String]
    ) throws -> (bytes: Data, offsets: [String: Int]) {
        struct Entry: Encodable {
            var dtype = "F32"
            var shape: [Int]
            var data_offsets: [Int]
        }
        func text(_ value: some Encodable) throws -> String {
            String(decoding: try JSONEncoder.oneLine.encode(value), as: UTF8.self)
        }
        var parts = ["\"__metadata__\":\(try text(metadata))"]
        var starts: [String: Int] = [:]
        var offset = 0
        for tensor in tensors {
            let end = offset + 4 * tensor.count
            parts.append(
                "\(try text(tensor.name)):\(try text(Entry(shape: tensor.shape, data_offsets: [offset, end])))")
            precondition(
                starts.updateValue(offset, forKey: tensor.name) == nil,
                "The file already has a tensor named \(tensor.name).")
            offset = end
        }
        var bytes = Data("{\(parts.joined(separator: ","))}".utf8)
        // Spaces at the end align the data, as the reference writer does.
        while bytes.count % 8 != 0 { bytes.append(0x20) }
        var length = UInt64(bytes.count).littleEndian
        let whole = withUnsafeBytes(of: &length) { Data($0) } + bytes
        return (whole, starts.mapValues { $0 + whole.count })
    }
}
