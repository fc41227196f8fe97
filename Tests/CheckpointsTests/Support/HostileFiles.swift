import Checkpoints
import DataFiles
import Foundation
import XCTest

/// Fails unless `body` throws an `InputError` of one line that names the file and says `words`.
func assertInputError(
    _ kind: InputError.Kind = .badData, naming name: String, saying words: String = "", _ what: String = "",
    line: UInt = #line, file: StaticString = #filePath, _ body: () throws -> Void
) {
    do {
        try body()
        XCTFail("\(what): nothing was thrown", file: file, line: line)
    } catch let error as InputError {
        let text = "\(error)"
        XCTAssertTrue(kind ~= error.kind, "\(error.kind) instead of \(kind): \(what): \(text)", file: file, line: line)
        XCTAssertTrue(text.contains(name), "\(what): \"\(text)\" doesn't name \(name)", file: file, line: line)
        XCTAssertTrue(
            words.isEmpty || text.contains(words), "\(what): \"\(text)\" doesn't say \(words)", file: file, line: line)
        XCTAssertFalse(text.contains(where: \.isNewline), "\(what): several lines: \(text)", file: file, line: line)
        XCTAssertFalse(error.remedy.isEmpty, "\(what): no remedy: \(text)", file: file, line: line)
    } catch {
        XCTFail("\(what): \(error) is no InputError", file: file, line: line)
    }
}

/// The processor time that this thread takes for `body`, in seconds: other programs don't count.
func processorSeconds(_ body: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = now()
    body()
    return now() - start
}

/// Bytes of a GGUF file, written value by value so that any of them can be wrong.
struct GGUFBytes {
    var bytes: [UInt8] = Array("GGUF".utf8)

    init(version: UInt32 = 3, tensors: UInt64, keys: UInt64) {
        integer(version)
        integer(tensors)
        integer(keys)
    }

    mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func string(_ text: String) {
        integer(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A key with the number of its value's type.
    mutating func key(_ name: String, type: UInt32) {
        string(name)
        integer(type)
    }

    mutating func tensor(_ name: String, _ dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) {
        string(name)
        integer(UInt32(dimensions.count))
        for size in dimensions { integer(size) }
        integer(type)
        integer(offset)
    }

    mutating func align(_ count: Int = 32) { while bytes.count % count != 0 { bytes.append(0) } }

    func write(to url: URL) throws { try Data(bytes).write(to: url) }
}

/// Opens a file and reads everything that its header speaks of.
func readWholeGGUF(_ url: URL) throws {
    let file = try GGUFFile(contentsOf: url)
    for key in file.metadata.keys {
        guard let array = file.metadata[key]?.array else { continue }
        _ = try? array.strings()
        _ = try? array.integers()
        _ = try? array.floats()
    }
    var sum = 0
    for tensor in file.tensors {
        XCTAssertLessThanOrEqual(tensor.range.upperBound, tensor.file.count)
        sum += Int(tensor.bytes.first ?? 0) + Int(tensor.bytes.last ?? 0)
    }
    XCTAssertGreaterThanOrEqual(sum, 0)
}
