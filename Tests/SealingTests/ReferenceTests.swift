import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Sealing

/// The format against an independent writer: `Fixtures/sealing/sealed.py`.
final class ReferenceTests: SealingTestCase {
    func testOpensWhatPythonSealed() throws {
        let model = try SealedModel(MappedFile(contentsOf: Self.reference), key: Self.key())
        XCTAssertEqual(model.names, ["config.json", "empty", "weights é.bin"])
        XCTAssertNil(model.model)
        for (name, bytes) in Self.contents {
            let file = try model.file(name)
            XCTAssertEqual(Data(file.bytes), bytes, name)
            XCTAssertEqual(file.path, Self.reference.path(percentEncoded: false) + "/" + name)
        }
    }

    func testWritesTheBytesThatPythonWrites() throws {
        let files = try Self.contents.map { name, bytes in
            try bytes.write(to: folder.appending(path: name))
            return try MappedFile(contentsOf: folder.appending(path: name))
        }
        let url = folder.appending(path: "sealed")
        for threads in [1, 3] {
            try ModelSealing(files, model: nil).write(
                to: url, key: Self.key(), salt: Array(100..<132), chunkSize: 4096, threads: threads)
            let written = try Data(contentsOf: url)
            let expected = try Data(contentsOf: Self.reference)
            XCTAssertEqual(written.count, expected.count)
            XCTAssertNil(
                zip(written, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset, "first difference")
        }
    }
}
